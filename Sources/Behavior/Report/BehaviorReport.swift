import Formatting
import NeuralCore

/// The figures of several models, side by side.
///
/// Printing gives a table; coding gives JSON with keys in snake case.
public struct BehaviorReport: Hashable, Sendable, Codable {
    /// An answer that is not as it should be.
    public struct Example: Hashable, Sendable, Codable {
        /// The suite and the item asked.
        public var suite: String, item: String
        /// The last thing said to the model.
        public var prompt: String
        /// The answer.
        public var response: String

        /// An answer to read.
        public init(suite: String, item: String, prompt: String, response: String) {
            self.suite = suite
            self.item = item
            self.prompt = prompt
            self.response = response
        }
    }

    /// The figures of one model.
    public struct Model: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// The figures, in the order in which they were measured.
        public var metrics: [BehaviorMetric] = []
        /// A few answers that went wrong.
        public var examples: [Example] = []
    }

    /// A prompt that a model's context has no room for, which all models' figures are without.
    public struct LeftOut: Hashable, Sendable, Codable {
        /// The suite and the item that is not asked.
        public var suite: String, item: String
        /// The model that has no room for it.
        public var model: String
        /// The tokens of the prompt.
        public var tokens: Int
        /// The most tokens of the model's context.
        public var context: Int

        /// A prompt that was left out.
        public init(suite: String, item: String, model: String, tokens: Int, context: Int) {
            self.suite = suite
            self.item = item
            self.model = model
            self.tokens = tokens
            self.context = context
        }
    }

    /// The models.
    public private(set) var models: [Model]
    /// The prompts that were left out for their length.
    public var leftOut: [LeftOut] = []

    enum CodingKeys: String, CodingKey {
        case models
        case leftOut = "left_out"
    }

    /// The most answers that went wrong kept of each suite.
    public static let examplesPerSuite = 5

    /// A report on models of which nothing is known yet.
    public init(models: [String]) { self.models = models.map { Model(name: $0) } }

    /// Adds figures of a model, by its place.
    public mutating func add(_ metrics: [BehaviorMetric], examples: [Example] = [], to model: Int) {
        models[model].metrics += metrics
        models[model].examples += examples
    }

    /// A figure of a model, nil if it was not measured.
    public func metric(_ name: String, suite: String? = nil, of model: String) -> BehaviorMetric? {
        models.first { $0.name == model }?.metrics.first {
            $0.name == name && (suite == nil || $0.suite == suite)
        }
    }
}

extension BehaviorReport: CustomStringConvertible {
    /// A table: a line for each figure, a column for each model; rates in percent with their 95 % intervals.
    public var description: String {
        var rows: [[String]] = [["", ""] + models.map(\.name)]
        var keys: [(suite: String, name: String, higherIsBetter: Bool)] = []
        for metric in models.flatMap(\.metrics)
        where !keys.contains(where: { $0.suite == metric.suite && $0.name == metric.name }) {
            keys.append((metric.suite, metric.name, metric.higherIsBetter))
        }
        for key in keys {
            rows.append(
                [key.suite, key.name + (key.higherIsBetter ? " ↑" : " ↓")]
                    + models.map { metric(key.name, suite: key.suite, of: $0.name)?.percentages ?? "–" })
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column < 2 ? cell + padding : padding + cell) + "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

extension BehaviorMetric {
    /// `93.0 % (88.2–96.0)`
    fileprivate var percentages: String {
        func percent(_ value: Double) -> String { fixed(100 * value, 1) }
        guard isRate else { return fixed(value, 2) }
        let range = low.flatMap { low in high.map { " (\(percent(low))–\(percent($0)))" } } ?? ""
        var counts = ""
        if let wins, let ties, let losses { counts = ", \(wins) won, \(ties) tied, \(losses) lost" }
        return percent(value) + " %" + range + counts
    }
}
