import LanguageModel

/// The documents of a corpus as they are read; unreadable or omitted ones are reported as `hone corpus` reports them.
///
/// Each iteration reports them once. A file of a corpus that is already written must not have any error: `failure` is the
/// first, and no document follows it.
final class ReportedDocuments: Sequence {
    private let corpus: Corpus
    private let isWritten: Bool
    private let note: (String) -> Void
    /// The first error in a corpus that is already written.
    private(set) var failure: CorpusError?

    private static let shownProblems = 20

    /// - Parameters:
    ///   - isWritten: Whether the corpus is one that `hone corpus` wrote.
    ///   - note: Says a line.
    init(_ corpus: Corpus, isWritten: Bool, note: @escaping (String) -> Void) {
        self.corpus = corpus
        self.isWritten = isWritten
        self.note = note
    }

    func makeIterator() -> AnyIterator<Document> {
        var iterator = corpus.makeIterator()
        var shown = 0
        return AnyIterator { [self] in
            let document = iterator.next()
            if isWritten { failure = iterator.problems.first }
            if !isWritten, iterator.problemCount > shown {
                for problem in iterator.problems.prefix(Self.shownProblems).dropFirst(shown) {
                    note("hone: \(problem)")
                }
                shown = iterator.problemCount
            }
            if document == nil, !isWritten { summarize(iterator) }
            return document
        }
    }

    private func summarize(_ iterator: Corpus.Iterator) {
        if iterator.problemCount > 0 { note("hone: not readable: \(iterator.problemCount)") }
        let dropped = iterator.dropped.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }
        for (reason, count) in dropped {
            note("hone: left out, \(reason.name): \(count) – \(reason.explanation)")
        }
    }
}
