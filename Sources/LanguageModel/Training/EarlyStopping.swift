public import Foundation
public import NeuralCore

/// Watches a figure of evaluations: which one was best, and whether the model has stopped getting better.
///
///     var stopping = EarlyStopping(metric: "loss", patience: 3)
///     for batch in batches {
///         let report = dpo.step(on: batch)
///         guard report.step % 50 == 0 else { continue }
///         if stopping.record(dpo.validation(on: heldOut), at: report.step) { best = dpo.policy }
///         if stopping.isDue { break }
///     }
///
/// An evaluation is best when its figure is better than every one before; the same figure again is not better, and one that
/// is no number never is. A value: its checkpoint beside that of the method makes a resumed run stop where one that was
/// not interrupted does.
public struct EarlyStopping: Sendable, Hashable {
    /// The direction in which a figure gets better.
    public enum Direction: Sendable, Hashable {
        /// Smaller is better, as of a loss.
        case lower
        /// Greater is better, as of an accuracy.
        case higher
    }

    /// An evaluation.
    public struct Evaluation: Sendable, Hashable, Codable {
        /// The step after which it was made.
        public var step: Int
        /// The figure.
        public var value: Float
    }

    /// The name of the figure, such as `loss` or `rewards/accuracies`.
    public let metric: String
    /// The direction in which it gets better.
    public let direction: Direction
    /// Evaluations in a row without a better one after which training ends; nil for never.
    public let patience: Int?
    /// The best evaluation so far; nil before the first with a number.
    public private(set) var best: Evaluation?
    /// Evaluations since the best one.
    public private(set) var evaluationsSinceBest = 0

    /// - Parameters:
    ///   - metric: The name of a figure.
    ///   - direction: The direction in which it gets better; nil for the usual one of its name.
    ///   - patience: Evaluations in a row without a better one after which training ends, 1 or more; nil for never.
    /// - Precondition: The name has a usual direction, where none is given; see ``direction(of:)``.
    public init(metric: String = "loss", direction: Direction? = nil, patience: Int? = nil) {
        guard let direction = direction ?? Self.direction(of: metric), patience ?? 1 > 0 else {
            misuse(
                "early stopping by \(metric), whose better direction is not known, patience \(patience ?? 0)")
        }
        (self.metric, self.direction, self.patience) = (metric, direction, patience)
    }

    /// The direction in which the figures of this name get better; nil where that depends.
    public static func direction(of metric: String) -> Direction? {
        let name = metric.split(separator: "/").last ?? ""
        if name.hasSuffix("loss") || ["bits_per_byte", "perplexity"].contains(name) { return .lower }
        let better = ["accuracy", "accuracies", "margin", "margins"]
        return better.contains { name.hasSuffix($0) } ? .higher : nil
    }

    /// Takes note of an evaluation.
    ///
    /// - Parameters:
    ///   - figures: Its figures by name; one without ``metric`` is not better.
    ///   - step: The step after which it was made.
    /// - Returns: True where it is the best so far.
    public mutating func record(_ figures: [String: Float], at step: Int) -> Bool {
        guard let value = figures[metric], value.isFinite, isBetter(value) else {
            evaluationsSinceBest += 1
            return false
        }
        best = Evaluation(step: step, value: value)
        evaluationsSinceBest = 0
        return true
    }

    private func isBetter(_ value: Float) -> Bool {
        guard let best else { return true }
        return direction == .lower ? value < best.value : value > best.value
    }

    /// True when there were as many evaluations without a better one as ``patience`` says.
    public var isDue: Bool { patience.map { evaluationsSinceBest >= $0 } ?? false }
}

extension EarlyStopping: Resumable {
    private struct Progress: Codable {
        var best: Evaluation?
        var evaluationsSinceBest: Int
    }

    private static let file = "early-stopping.json"

    /// Writes `early-stopping.json`.
    public func writeCheckpoint(to folder: URL) throws(FileError) {
        try ProgressFile(in: folder, named: Self.file).write(
            Progress(best: best, evaluationsSinceBest: evaluationsSinceBest))
    }

    /// Takes over what ``writeCheckpoint(to:)`` wrote.
    public mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let progress = try ProgressFile(in: folder, named: Self.file).read(
            Progress.self, expecting: "the best evaluation so far"
        ) { $0.evaluationsSinceBest >= 0 && $0.best?.step ?? 0 >= 0 }
        (best, evaluationsSinceBest) = (progress.best, progress.evaluationsSinceBest)
    }
}
