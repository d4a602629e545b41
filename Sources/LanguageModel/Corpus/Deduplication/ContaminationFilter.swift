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
    /// The longest run of words that is compared.
    public static let longestRun = 13
    /// Evaluation texts with fewer words say too little to be recognised.
    public static let shortestRun = 8

    private var runs: [HashSet64]

    /// A filter against evaluation files.
    ///
    /// Of JSON and JSON Lines, every string counts as a text; of other files, every line.
    public init(against files: [URL]) throws(CorpusError) {
        runs = Array(repeating: HashSet64(), count: Self.longestRun + 1)
        for file in files { try add(file) }
    }

    /// A filter against evaluation texts.
    public init(against texts: [String]) {
        runs = Array(repeating: HashSet64(), count: Self.longestRun + 1)
        for text in texts { add(text) }
    }

    /// How many runs of words are looked for.
    public var count: Int { runs.reduce(0) { $0 + $1.count } }

    /// Drops the document if it shares a run of words with the evaluation texts.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        let words = Self.words(document.text)
        for length in Self.shortestRun...Self.longestRun where !runs[length].isEmpty {
            var isContaminated = false
            forEachRun(of: length, in: words) { hash, _ in
                if runs[length].contains(hash) { isContaminated = true }
            }
            if isContaminated {
                return DropReason("contaminated", "it shares a run of words with evaluation data")
            }
        }
        return nil
    }

    // MARK: Evaluation data

    /// The longest line, or file of JSON, that is read.
    private static let maximumBytes = 1 << 26

    private mutating func add(_ file: URL) throws(CorpusError) {
        guard FileStatus(file.path) != .missing else { throw .missing(file: file.path) }
        let input = BufferedInput(try ByteStream(file.path))
        let name = file.path.hasSuffix(".gz") ? String(file.path.dropLast(3)) : file.path
        if name.hasSuffix(".json") {
            var input = input
            try input.fill(Self.maximumBytes + 1)
            guard input.available <= Self.maximumBytes else {
                throw .exceedsLimit(
                    file: file.path, place: "the whole", found: "its size",
                    limit: "\(Self.maximumBytes) bytes of JSON")
            }
            return try addStrings(of: input.take(input.available), file: file.path, line: nil)
        }
        var lines = LineReader(input, maximum: Self.maximumBytes)
        while let line = try lines.next() {
            guard case .bytes(let bytes) = line, !bytes.allSatisfy(isSpace) else { continue }
            if bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "["), name.hasSuffix("l") {
                try addStrings(of: bytes, file: file.path, line: lines.number)
            } else {
                add(String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    private mutating func addStrings(of bytes: [UInt8], file: String, line: Int?) throws(CorpusError) {
        var scanner = JSONScanner(bytes)
        do {
            while let token = try scanner.next() {
                if case .string(let range, let escaped) = token {
                    add(try unescapedJSONString(bytes, range, escaped: escaped).text)
                }
            }
        } catch {
            throw .malformed(
                file: file, place: (line.map { "line \($0), " } ?? "") + "byte \(error.byte)",
                found: error.found,
                expected: error.expected)
        }
    }

    private mutating func add(_ text: String) {
        let words = Self.words(text)
        guard words.count >= Self.shortestRun else { return }
        let length = min(words.count, Self.longestRun)
        forEachRun(of: length, in: words) { hash, _ in runs[length].insert(hash) }
    }

    // MARK: Runs

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
