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
    /// The parts of the prompt before and after the text.
    let before: String, after: String
    /// The string between a prompt and a label.
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

/// The results of a classifier on texts whose labels are known.
public struct ClassificationReport: Sendable, Equatable {
    /// The labels, in the order of rows and columns of `confusion`.
    public let labels: [String]
    /// The number of texts by true label (row) and assigned label (column), `[labels][labels]`.
    public let confusion: [[Int]]
    /// By how much confidence and accuracy differ, 0…1.
    ///
    ///     Σ (|bin| / n) · |accuracy(bin) − mean confidence(bin)|
    ///
    /// over bins of equal width of the probability of the label that was given.
    ///
    /// - SeeAlso: [Guo et al. 2017](https://arxiv.org/abs/1706.04599), Eq. 3.
    public let expectedCalibrationError: Double

    /// Compares a classifier's answers with the true labels.
    ///
    /// - Parameters:
    ///   - labels: The labels' names.
    ///   - truth: The number of each text's label.
    ///   - probabilities: The probability of each label for each text, `[texts][labels]`; the greatest is the label it
    ///     gives, the first of equals.
    ///   - bins: The number of bins of confidence.
    public init(labels: [String], truth: [Int], probabilities: [[Double]], bins: Int = 15) {
        var confusion = labels.map { _ in labels.map { _ in 0 } }
        var contents = [(hits: Double, confidence: Double)](repeating: (0, 0), count: bins)
        for (truth, probabilities) in zip(truth, probabilities) {
            guard let given = probabilities.firstGreatest else { continue }
            confusion[truth][given] += 1
            let confidence = probabilities[given]
            // Bins are open below and closed above, as in the paper.
            let bin = min(bins, max(1, Int((confidence * Double(bins)).rounded(.up)))) - 1
            contents[bin].hits += given == truth ? 1 : 0
            contents[bin].confidence += confidence
        }
        let count = Double(confusion.joined().reduce(0, +))
        self.labels = labels
        self.confusion = confusion
        expectedCalibrationError = contents.reduce(0) { $0 + abs($1.hits - $1.confidence) } / count
    }

    /// The share of texts that were given their true label.
    public var accuracy: Proportion {
        Proportion(
            hits: labels.indices.reduce(0) { $0 + confusion[$1][$1] }, of: confusion.joined().reduce(0, +))
    }

    /// The share of the texts given a label that have it; 0 where it was never given.
    public func precision(of label: Int) -> Double {
        ratio(confusion[label][label], confusion.reduce(0) { $0 + $1[label] })
    }

    /// The share of the texts with a label that were given it; 0 where no text has it.
    public func recall(of label: Int) -> Double {
        ratio(confusion[label][label], confusion[label].reduce(0, +))
    }

    /// The harmonic mean of precision and recall, 2 · hits / (given + true); 0 where both are 0.
    public func f1(of label: Int) -> Double {
        ratio(
            2 * confusion[label][label],
            confusion[label].reduce(0, +) + confusion.reduce(0) { $0 + $1[label] })
    }

    /// The mean of F1 over the labels, each counting the same.
    public var macroF1: Double { labels.indices.reduce(0) { $0 + f1(of: $1) } / Double(labels.count) }

    private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
