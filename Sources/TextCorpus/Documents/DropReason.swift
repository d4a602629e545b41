/// The reason why a document, or a file before it became one, is not in the corpus.
public struct DropReason: Sendable, Hashable {
    /// A short name in snake case, the key in the data card.
    public let name: String
    /// The reason in a sentence.
    public let explanation: String

    /// A reason of that name.
    public init(_ name: String, _ explanation: String) {
        self.name = name
        self.explanation = explanation
    }

    /// Reasons are equal when their names are.
    public static func == (a: DropReason, b: DropReason) -> Bool { a.name == b.name }

    /// Feeds the name to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension DropReason {
    static let empty = DropReason("empty", "nothing but white space is left")
    static let tooLarge = DropReason("too_large", "larger than the limit for one document")
}

/// Repairs made to a document on its way, by name, with how often.
public struct DocumentNotes: Sendable, Hashable {
    /// The number of times each repair was made.
    public private(set) var counts: [String: Int] = [:]

    /// Bytes that conversion and cleaning took away, by the name of what did; below zero where it added some.
    public private(set) var removedBytes: [String: Int] = [:]

    /// No repairs.
    public init() {}

    /// Counts a repair; nothing when the count is zero.
    public mutating func note(_ name: String, _ count: Int = 1) {
        if count > 0 { counts[name, default: 0] += count }
    }

    /// Counts bytes taken away, or added where the number is negative; nothing when it is zero.
    mutating func noteRemoval(_ name: String, _ bytes: Int) {
        if bytes != 0 { removedBytes[name, default: 0] += bytes }
    }
}

/// One thing done to every document: a repair, a filter, or both.
///
/// A step looks at one document at a time and keeps no state, so documents may be worked on in any order and
/// in parallel; what depends on several documents is ``DuplicateRemoval``.
public protocol DocumentStep: Sendable {
    /// Changes the document in place, or says why it is to be dropped.
    func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason?
}

/// A step made from a closure that says which documents to keep.
///
///     DocumentFilter("about_cats", "does not speak of cats") { $0.text.contains("cat") }
public struct DocumentFilter: DocumentStep {
    private let reason: DropReason
    private let keeps: @Sendable (Document) -> Bool

    /// Keeps what `keeps` says; the rest is dropped under the given name.
    public init(_ name: String, _ explanation: String, keeping keeps: @escaping @Sendable (Document) -> Bool)
    {
        self.reason = DropReason(name, explanation)
        self.keeps = keeps
    }

    /// Drops the document unless the closure keeps it.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        keeps(document) ? nil : reason
    }
}
