import Foundation

/// Classifies texts by which label is the most probable continuation of a prompt.
///
///     let classifier = try LabelClassifier(
///         scorer, labels: ["good", "bad"], template: "Review: {text}\nThis film is", isCalibrated: true)
///     let probabilities = classifier.probabilities(of: ["I slept through it."])
///
/// A label follows the prompt after a space, or at once where the template ends in a line break. Its probability is
/// that of its tokens, divided by the sum over all labels.
///
/// A model prefers some labels whatever the text. Contextual calibration asks it about texts that say nothing, and
/// divides by what it answers:
///
///     q(label | text) ∝ p(label | text) / p(label | no content)
///
/// - SeeAlso: [Zhao et al. 2021](https://arxiv.org/abs/2102.09690), section 4. Departures: the quotients are
///   normalized by their sum, not by a softmax, which changes no decision.
public struct LabelClassifier: Sendable {
    /// The labels; at least two.
    public let labels: [String]
    /// What stands before and after the text in a prompt.
    let before: String, after: String
    /// What parts a label from its prompt.
    let separator: String
    let scorer: TextScorer
    /// log p of each label after a text without content; zeros without calibration.
    private(set) var bias: [Double]

    /// Texts that say nothing, as in the paper.
    static let contentFree = ["N/A", "[MASK]", ""]

    /// A classifier.
    ///
    /// - Parameters:
    ///   - scorer: The model and its tokenizer.
    ///   - labels: At least two, all different.
    ///   - template: A prompt with `{text}` where the text goes.
    ///   - isCalibrated: Whether the model's preference among labels is divided out.
    /// - Throws: `LikelihoodError.labels` or `.template`.
    public init(_ scorer: TextScorer, labels: [String], template: String, isCalibrated: Bool = false)
        throws(LikelihoodError)
    {
        guard labels.count > 1, Set(labels).count == labels.count, !labels.contains("") else {
            throw .labels(found: labels)
        }
        let parts = template.components(separatedBy: "{text}")
        guard parts.count == 2 else { throw .template(found: template) }
        // The space belongs to the label's first token, not to the prompt's last.
        separator = parts[1].last?.isNewline == true ? "" : " "
        (before, after) = (parts[0], parts[1].last == " " ? String(parts[1].dropLast()) : parts[1])
        self.scorer = scorer
        self.labels = labels
        bias = [Double](repeating: 0, count: labels.count)
        guard isCalibrated else { return }
        let answers = probabilities(of: Self.contentFree)
        bias = labels.indices.map { label in
            // A label that rounds to no probability at all would otherwise have an infinite bias.
            log(max(.leastNormalMagnitude, answers.reduce(0) { $0 + $1[label] } / Double(answers.count)))
        }
    }

    /// The probability of each label for each text, `[texts][labels]`; they sum to 1.
    public func probabilities(of texts: [String]) -> [[Double]] {
        let completions = labels.map { separator + $0 }
        let groups = texts.map { scorer.query(prompt: before + $0 + after, completions: completions) }
        return scorer.scores(of: groups).map { scores in
            let logits = zip(scores, bias).map { $0.logProbability - $1 }
            let greatest = logits.max() ?? 0
            let weights = logits.map { exp($0 - greatest) }
            let sum = weights.reduce(0, +)
            return weights.map { $0 / sum }
        }
    }
}
