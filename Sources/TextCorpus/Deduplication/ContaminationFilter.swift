public import Foundation

/// Drops documents that hold parts of evaluation data.
///
/// A document is contaminated when it shares a run of thirteen words with an evaluation text; of texts with
/// eight to twelve words, the whole. Case and punctuation do not count.
///
/// - SeeAlso: [Brown et al. 2020](https://arxiv.org/abs/2005.14165), appendix C (GPT-3). Departures: the
///   document is dropped, where GPT-3 cut out the run with two hundred characters on both sides; runs found
///   in more than ten documents count too.
public struct ContaminationFilter: DocumentStep {
    /// The size of a list of evaluation data.
    public struct List: Sendable, Hashable, Codable {
        /// The last part of its path.
        public var name: String
        /// The number of texts of eight words or more in it.
        public var texts = 0
        /// The number of different runs of words taken from it.
        public var runs = 0
    }

    /// The longest run of words that is compared.
    public static let longestRun = 13
    /// Evaluation texts with fewer words say too little to be recognized.
    public static let shortestRun = 8

    /// The size of each list, in their order; none for texts in memory.
    public private(set) var lists: [List] = []
    private var runs = RunsOfWords()

    /// A filter against evaluation data: files, or folders of them, in any format that a corpus is made from.
    ///
    /// Of JSON and JSON Lines, every string counts as a text; of all else, every line of what can be read in it.
    ///
    /// - Throws: ``CorpusError`` when a list, or a part of it, cannot be read: else what is in it would pass.
    public init(against files: [URL]) throws(CorpusError) {
        for file in files {
            var reader = EvaluationDataReader(name: file.standardizedFileURL.lastPathComponent)
            try reader.add(file)
            lists.append(reader.list)
            runs.formUnion(reader.runs)
        }
    }

    /// A filter against evaluation texts.
    public init(against texts: [String]) {
        for text in texts { runs.add(text) }
    }

    /// The number of runs of words that are searched for.
    public var count: Int { runs.count }

    /// Drops the document if it shares a run of words with the evaluation texts.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        runs.meet(document.text)
            ? DropReason("contaminated", "it shares a run of words with evaluation data") : nil
    }
}

/// Runs of words of evaluation texts, as hashes by their lengths.
struct RunsOfWords {
    private var hashes = Array(repeating: HashSet64(), count: ContaminationFilter.longestRun + 1)

    var count: Int { hashes.reduce(0) { $0 + $1.count } }

    /// Adds the runs of a text; says whether it is long enough to have any.
    @discardableResult
    mutating func add(_ text: String) -> Bool {
        let words = Self.words(text)
        guard words.count >= ContaminationFilter.shortestRun else { return false }
        let length = min(words.count, ContaminationFilter.longestRun)
        forEachRun(of: length, in: words) { hash, _ in hashes[length].insert(hash) }
        return true
    }

    mutating func formUnion(_ other: RunsOfWords) {
        for length in hashes.indices { other.hashes[length].forEach { hashes[length].insert($0) } }
    }

    /// True if a text shares a run with those added.
    func meet(_ text: String) -> Bool {
        let words = Self.words(text)
        for length in ContaminationFilter.shortestRun...ContaminationFilter.longestRun
        where !hashes[length].isEmpty {
            var isShared = false
            forEachRun(of: length, in: words) { hash, _ in
                if hashes[length].contains(hash) { isShared = true }
            }
            if isShared { return true }
        }
        return false
    }

    private static func words(_ text: String) -> [UInt64] {
        text.withUTF8Bytes { bytes in
            var words: [UInt64] = []
            words.reserveCapacity(bytes.count / 5)
            var scanner = WordScanner(bytes)
            while let word = scanner.next() { words.append(StableHash.mixed(word.hash)) }
            return words
        }
    }
}
