import NeuralCore

/// The keys and values that one block has computed: one run for each prompt, one for each sequence that goes on from it.
struct LayerCache: Sendable {
    /// A run that grows at its end; its memory doubles when it is full.
    struct Run: Sendable {
        var keys: Tensor
        var values: Tensor
        var count: Int

        /// An empty run.
        init(channels: Int, capacity: Int) {
            keys = Tensor(uninitialized: [capacity, channels])
            values = Tensor(uninitialized: [capacity, channels])
            count = 0
        }

        /// A full run.
        init(keys: Tensor, values: Tensor) {
            self.keys = keys
            self.values = values
            count = keys.rows
        }

        /// Adds one row of each.
        mutating func append(row: Int, of newKeys: Tensor, _ newValues: Tensor) {
            if count == keys.rows {
                (keys, values) = (keys.grown(), values.grown())
            }
            keys.setRow(count, to: row, of: newKeys)
            values.setRow(count, to: row, of: newValues)
            count += 1
        }

        func span(position: Int, queryRows: Range<Int>) -> KeySpan {
            KeySpan(keys: keys, values: values, count: count, position: position, queryRows: queryRows)
        }
    }

    var prompts: [Run]
    var sequences: [Run]
}

extension Tensor {
    /// A copy with room for as many rows again.
    fileprivate func grown() -> Tensor {
        var larger = Tensor(uninitialized: [2 * rows, channels])
        withUnsafeBuffer { old in
            larger.withUnsafeMutableBuffer { new in
                _ = new.update(from: old)
            }
        }
        return larger
    }

    /// Writes one row of another tensor into one of this.
    fileprivate mutating func setRow(_ index: Int, to row: Int, of source: Tensor) {
        let channels = channels
        source.withUnsafeBuffer { source in
            withUnsafeMutableBuffer { target in
                _ = UnsafeMutableBufferPointer(rebasing: target[index * channels..<(index + 1) * channels])
                    .update(from: source[row * channels..<(row + 1) * channels])
            }
        }
    }
}
