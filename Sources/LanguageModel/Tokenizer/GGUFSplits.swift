/// The ways to cut text that llama.cpp has a name for, in `tokenizer.ggml.pre`.
///
/// - SeeAlso: `llama-vocab.cpp` of llama.cpp. Departures: its `qwen2` does not normalize text to NFC, as the models' own
///   tokenizers do, and its `gpt-4o` and `tekken` know the case of ASCII letters alone.
struct GGUFSplit {
    /// The names, the one that is written first.
    var names: [String]
    var cuts: [PreTokenization.Cut]
    /// Whether a piece that is itself a token is encoded as that token, whatever the merges say.
    var takesWholePieces = false
    /// Whether a text gets its beginning token if the file does not say.
    var addsBeginning = false

    static let all = [
        GGUFSplit(
            names: ["gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling"],
            cuts: [.pattern(.gpt2)]),
        GGUFSplit(
            names: [
                "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2",
            ], cuts: [.digits(individually: true), .pattern(.gpt2)]),
        GGUFSplit(
            names: [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
            ],
            cuts: [.pattern(.llama3)], takesWholePieces: true, addsBeginning: true),
        GGUFSplit(names: ["dbrx", "smaug-bpe"], cuts: [.pattern(.llama3)]),
        GGUFSplit(
            names: ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"],
            cuts: [.pattern(.qwen2)]),
        GGUFSplit(names: ["gpt-4o", "llama4"], cuts: [.pattern(.o200k)]),
        GGUFSplit(
            names: ["tekken"], cuts: [.pattern(.tekken)], takesWholePieces: true, addsBeginning: true),
    ]

    /// Creates the split that a file names, if the name is known.
    init?(named name: String) {
        guard let split = Self.all.first(where: { $0.names.contains(name) }) else { return nil }
        self = split
    }

    /// Creates llama.cpp's equivalent of a tokenizer's cuts, if there is one.
    init?(_ cuts: [PreTokenization.Cut], takesWholePieces: Bool) {
        let split = Self.all.first { $0.cuts == cuts && $0.takesWholePieces == takesWholePieces }
        guard let split else { return nil }
        self = split
    }

    private init(
        names: [String], cuts: [PreTokenization.Cut], takesWholePieces: Bool = false,
        addsBeginning: Bool = false
    ) {
        (self.names, self.cuts) = (names, cuts)
        (self.takesWholePieces, self.addsBeginning) = (takesWholePieces, addsBeginning)
    }
}

/// The type of a token of a GGUF file, by the numbers of `tokenizer.ggml.token_type`.
enum GGUFTokenType: Int {
    case normal = 1
    case unknown, control, userDefined, unused, byte
}
