import NeuralCore

/// The keys and values that one block has computed: one run for each prompt, one for each sequence that goes on from it.
struct LayerCache: Sendable {
    /// A run that grows at its end; its memory doubles when it is full.
    struct Run: Sendable {
        private(set) var keys: Tensor
        private(set) var values: Tensor
        private(set) var count = 0

        /// An empty run.
        init(channels: Int, capacity: Int) {
            keys = Tensor(uninitialized: [capacity, channels])
            values = Tensor(uninitialized: [capacity, channels])
        }

        /// Adds rows of each.
        mutating func append(_ rows: Range<Int>, of newKeys: Tensor, _ newValues: Tensor) {
            let capacity = keys.rows
            if count + rows.count > capacity {
                let larger = max(2 * capacity, count + rows.count)
                (keys, values) = (
                    keys.grown(to: larger, keeping: count), values.grown(to: larger, keeping: count)
                )
            }
            keys.setRows(from: count, to: rows, of: newKeys)
            values.setRows(from: count, to: rows, of: newValues)
            count += rows.count
        }

        /// Forgets everything.
        mutating func removeAll() { self = Run(channels: keys.channels, capacity: 0) }

        func span(position: Int, queryRows: Range<Int>) -> KeySpan {
            KeySpan(keys: keys, values: values, count: count, position: position, queryRows: queryRows)
        }
    }

    var prompts: [Run]
    var sequences: [Run]
}

extension Tensor {
    /// The first `count` rows, with room for others up to `capacity`.
    fileprivate func grown(to capacity: Int, keeping count: Int) -> Tensor {
        var larger = Tensor(uninitialized: [capacity, channels])
        larger.setRows(from: 0, to: 0..<count, of: self)
        return larger
    }

    /// Writes rows of another tensor over those of this one from `index` on.
    fileprivate mutating func setRows(from index: Int, to rows: Range<Int>, of source: Tensor) {
        let channels = channels
        source.withUnsafeBuffer { source in
            withUnsafeMutableBuffer { target in
                let begin = index * channels
                _ = UnsafeMutableBufferPointer(rebasing: target[begin..<begin + rows.count * channels])
                    .update(from: source[rows.lowerBound * channels..<rows.upperBound * channels])
            }
        }
    }
}
