extension SplitPattern {
    private static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let word = #"[^\r\n\p{L}\p{N}]?\p{L}+"#
    private static let symbols = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let space = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let capitals = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let smalls = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#

    /// The regular expression of the pattern, as `tokenizer.json` files spell it.
    ///
    /// For cl100k, whose published expression means something else to the engine that reads these files, it is spelled
    /// so that it cuts at the same places.
    public var expression: String {
        switch self {
        case .gpt2: #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        case .cl100k: #"\#(Self.contraction)|\#(Self.word)|\p{N}{1,3}|\#(Self.symbols)|\s+\z|\#(Self.space)"#
        case .llama3: #"\#(Self.contraction)|\#(Self.word)|\p{N}{1,3}|\#(Self.symbols)|\#(Self.space)"#
        case .qwen2: #"\#(Self.contraction)|\#(Self.word)|\p{N}|\#(Self.symbols)|\#(Self.space)"#
        case .o200k: Self.cased(ending: Self.contraction + "?", digits: "{1,3}")
        case .tekken: Self.cased(ending: "", digits: "")
        }
    }

    private static func cased(ending: String, digits: String) -> String {
        [
            #"[^\r\n\p{L}\p{N}]?\#(capitals)*\#(smalls)+\#(ending)"#,
            #"[^\r\n\p{L}\p{N}]?\#(capitals)+\#(smalls)*\#(ending)"#,
            #"\p{N}\#(digits)| ?[^\s\p{L}\p{N}]+[\r\n/]*|\#(space)"#,
        ].joined(separator: "|")
    }

    /// Other spellings of the same patterns that are in use.
    private static let spellings: [String: SplitPattern] = [
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#: .gpt2,
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#:
            .llama3,
    ]

    /// The pattern that an expression stands for, if it is one of those known.
    public init?(expression: String) {
        if let pattern = Self.allCases.first(where: { $0.expression == expression })
            ?? Self.spellings[expression]
        {
            self = pattern
        } else {
            return nil
        }
    }
}
