public import LanguageModel

/// A method that learns from examples, and can be measured on others: fine-tuning, reward modeling, preferences.
///
/// ```swift
/// var dpo = DirectPreferenceOptimization(policy: chat.model, beta: 0.1)
/// for batch in pairs.batches(of: 16, using: random.split()) { dpo.step(on: batch) }
/// print(dpo.validation(on: Array(heldOut))["rewards/accuracies"] ?? 0)
/// ```
public protocol ExampleMethod: TrainingMethod where Batch == [Example] {
    /// An example.
    associatedtype Example: TrainingExample

    /// Means over examples that are not trained on, under the names of a step's metrics; the loss is `loss`. Nothing is
    /// learned.
    func validation(on examples: [Example]) -> [String: Float]
}

extension Array {
    /// The most elements that are measured together, about.
    private static var measuredAtOnce: Int { 16 }

    /// The elements in order, in parts that a model reads together.
    var measuredParts: [[Element]] {
        stride(from: 0, to: count, by: Self.measuredAtOnce).map {
            Array(self[$0..<Swift.min($0 + Self.measuredAtOnce, count)])
        }
    }

    /// The same in parts whose sizes differ by one at most, so that none is a part of one where there are more.
    var evenParts: [[Element]] {
        let parts = Swift.max(1, count / Self.measuredAtOnce)
        return (0..<parts).map { Array(self[$0 * count / parts..<($0 + 1) * count / parts]) }
            .filter { !$0.isEmpty }
    }
}
