/// The part of a corpus that a model learns from, or the one that it is tested on.
public enum CorpusSplit: String, Sendable, CaseIterable, Codable {
    /// The part that a model learns from.
    case training
    /// The part that tells how well it has learned.
    case validation

    /// The part a document belongs to.
    ///
    /// It depends on the text alone: the same text is always on the same side, wherever it stands and
    /// whatever is added to the corpus. A greater share takes in all that a smaller one does.
    ///
    /// - Parameters:
    ///   - document: Whose part is asked for.
    ///   - validationShare: The expected share of documents on the validation side, between 0 and 1.
    public init(of document: Document, validationShare: Double) {
        self.init(hash: StableHash.hash(document.text), validationShare: validationShare)
    }

    init(hash: UInt64, validationShare: Double) {
        self = StableHash.fraction(hash) < validationShare ? .validation : .training
    }

    /// The first part of the names of its files.
    var fileName: String {
        switch self {
        case .training: "train"
        case .validation: "validation"
        }
    }
}
