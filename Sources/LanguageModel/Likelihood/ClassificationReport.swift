/// How well a classifier did on texts whose labels are known.
public struct ClassificationReport: Sendable, Equatable {
    /// The labels, in the order of rows and columns of `confusion`.
    public let labels: [String]
    /// How many texts of each true label (row) were given each label (column), `[labels][labels]`.
    public let confusion: [[Int]]
    /// By how much confidence and accuracy differ, 0…1.
    ///
    ///     Σ (|bin| / n) · |accuracy(bin) − mean confidence(bin)|
    ///
    /// over bins of equal width of the probability of the label that was given.
    ///
    /// - SeeAlso: [Guo et al. 2017](https://arxiv.org/abs/1706.04599), Eq. 3.
    public let expectedCalibrationError: Double

    /// Compares what a classifier says with what is true.
    ///
    /// - Parameters:
    ///   - labels: The labels' names.
    ///   - truth: The number of each text's label.
    ///   - probabilities: The probability of each label for each text, `[texts][labels]`; the greatest is the label it
    ///     gives, the first of equals.
    ///   - bins: Into how many bins confidence is put.
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
