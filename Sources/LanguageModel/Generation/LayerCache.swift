import NeuralCore

/// The keys and values that one block has computed: one run for each prompt, one for each sequence that goes on from it.
struct LayerCache: Sendable {
    /// A run that grows at its end.
    struct Run: Sendable {
        private var keys: KeyRows
        private var values: KeyRows

        /// An empty run.
        init(channels: Int, capacity: Int, format: KeyRows.Format) {
            keys = KeyRows(channels: channels, capacity: capacity, format: format)
            values = KeyRows(channels: channels, capacity: capacity, format: format)
        }

        /// How many tokens it holds.
        var count: Int { keys.count }

        /// Adds rows of each.
        mutating func append(_ rows: Range<Int>, of newKeys: Tensor, _ newValues: Tensor) {
            keys.append(rows, of: newKeys)
            values.append(rows, of: newValues)
        }

        /// How its elements are kept.
        var format: KeyRows.Format { keys.format }

        /// Keeps the first tokens.
        mutating func truncate(to count: Int) {
            keys.truncate(to: count)
            values.truncate(to: count)
        }

        /// Forgets everything.
        mutating func removeAll() {
            keys.removeAll()
            values.removeAll()
        }

        func span(position: Int, queryRows: Range<Int>) -> KeySpan {
            KeySpan(keys: keys, values: values, position: position, queryRows: queryRows)
        }
    }

    var prompts: [Run]
    var sequences: [Run]
}
