/// The small words that hold sentences together, by language.
///
/// Prose has them in every sentence; lists of keywords and names do not. They also tell the language.
enum FunctionWords {
    private static let languages: [(tag: String, words: String)] = [
        ("en", "the be to of and that have with is was it for not you he she they this but"),
        ("de", "der die das und ist nicht ein eine zu mit von sich auf den dem ich wir auch als für"),
        ("fr", "le la les des et est une que qui dans pour pas sur avec il elle nous vous ce au"),
        ("es", "el la los las de y que en un una es por con para no se su del como más"),
        ("it", "il la di che e un una è per non con del della sono gli si le anche più nel"),
        ("pt", "o a os as de e que do da em um uma é não para com se por mais dos"),
        ("nl", "de het een en van is dat niet op te zijn met voor aan ook er maar die hij ze"),
        ("sv", "och att det som en är på av för med den inte till han jag ett om var vi har"),
        ("da", "og det at er en den til på ikke som med der jeg han de for af var vi et"),
        ("pl", "w i z na się nie do to że jest jak o po co za od ale przez tak był"),
        ("cs", "a se v na je že to s z do o by jako ale pro jsem po si tak jsou"),
        ("ru", "и в не на что он с как это по но она они из у за от то же бы"),
    ]

    /// For every word, the languages that have it, a bit each.
    private static let table: [UInt64: UInt32] = {
        var table: [UInt64: UInt32] = [:]
        for (index, language) in languages.enumerated() {
            for word in language.words.split(separator: " ") {
                table[wordHash(String(word)), default: 0] |= 1 << index
            }
        }
        return table
    }()

    /// Bytes of the longest of them.
    static let longest = languages.flatMap { $0.words.split(separator: " ") }.map(\.utf8.count).max() ?? 0

    /// The hashes of all of them.
    static let hashes: HashSet64 = {
        var hashes = HashSet64(minimumCapacity: table.count * 4)
        for hash in table.keys { hashes.insert(hash) }
        return hashes
    }()

    /// The language of a text, from its first part; nil when it cannot be told.
    ///
    /// Kana tell Japanese, Han without kana Chinese, Hangul Korean; otherwise the language with the most
    /// function words, if these are a tenth of all words and clearly more than of any other language.
    static func language(of text: String) -> String? {
        var counts = [Int](repeating: 0, count: languages.count)
        var (words, han, kana, hangul) = (0, 0, 0, 0)
        text.withUTF8Bytes { all in
            let bytes = UnsafeBufferPointer(rebasing: all.prefix(1 << 13))
            var scanner = WordScanner(bytes)
            while let word = scanner.next() {
                words += 1
                let lead = bytes[word.range.lowerBound]
                if word.isUnspaced { if lead == 0xe3 { kana += 1 } else if lead != 0xe0 { han += 1 } }
                if 0xea...0xed ~= lead { hangul += 1 }
                guard word.range.count <= longest, let mask = table[word.hash] else { continue }
                for index in counts.indices where mask & 1 << index != 0 { counts[index] += 1 }
            }
        }
        if kana * 10 > words { return "ja" }
        if han * 2 > words { return "zh" }
        if hangul * 2 > words { return "ko" }
        let order = counts.indices.sorted { counts[$0] > counts[$1] }
        let (best, second) = (counts[order[0]], counts[order[1]])
        guard best >= 3, best * 10 >= words, best * 4 >= second * 5 else { return nil }
        return languages[order[0]].tag
    }
}

/// Notes the natural language of prose of which it is not known.
public struct LanguageNoting: DocumentStep {
    /// The step.
    public init() {}

    /// Sets the language, if it is prose and its language can be told.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        if document.language == nil, document.kind != .code {
            document.language = FunctionWords.language(of: document.text)
        }
        return nil
    }
}
