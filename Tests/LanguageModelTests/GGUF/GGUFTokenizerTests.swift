import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Tokenizers in GGUF files, of llama.cpp's own test vocabularies and written by us.
@Suite struct GGUFTokenizerTests {
    @Test(
        .enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"),
        arguments: [("gpt-2", "gpt2"), ("phi-3", "phi-3")])
    func idsAreThoseOfLlamaCPP(_ name: String, _ folder: String) throws {
        let tokenizer = try BytePairTokenizer(
            directory: TestFiles.shared("tokenizers/\(folder)/ggml-vocab-\(name).gguf"))
        func lines(_ ending: String, _ separator: String) throws -> [String] {
            let url = try TestFiles.shared("tokenizer-tests/ggml-vocab-\(name).gguf.\(ending)")
            return try String(contentsOf: url, encoding: .utf8).components(separatedBy: separator)
        }
        let texts = try lines("inp", "\n__ggml_vocab_test__\n")
        let ids = try lines("out", "\n").map { $0.split(separator: " ").compactMap { Int32($0) } }
        for (text, expected) in zip(texts, ids) { #expect(tokenizer.encode(text) == expected, "\(text)") }
    }

    /// Ids by llama-cpp-python 0.3.36: the special tokens take the space after them, but for some.
    @Test(
        .enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"),
        arguments: [
            (
                "<|user|>\n Hello<|end|>\n\n<|assistant|> \n x</s>  y<s>  z<|endoftext|> q",
                [32010, 15043, 32007, 32001, 921, 2, 343, 1, 259, 503, 32000, 29871, 3855] as [Int32]
            ), (" <|user|>a", [259, 32010, 263]), ("a <|end|> b", [263, 29871, 32007, 289]),
        ])
    func theSpecialTokensOfPhi3TakeTheSpaceAfterThem(_ text: String, _ ids: [Int32]) throws {
        let url = try TestFiles.shared("tokenizers/phi-3/ggml-vocab-phi-3.gguf")
        let tokenizer = try BytePairTokenizer(directory: url)
        #expect(tokenizer.encode(text, specialTokens: .recognized) == ids)
        #expect(try Self.written(tokenizer).encode(text, specialTokens: .recognized) == ids)
    }

    /// No key says that tokens take the space after them; llama.cpp goes by the name of the model.
    @Test func theNameOfAModelTellsWhetherTokensTakeTheSpaceAfterThem() throws {
        func tokenizer(_ tokens: [(String, Bool)]) throws -> BytePairTokenizer {
            let added = tokens.enumerated().map { index, token in
                #"{"id":\#(330 + index),"content":"\#(token.0)","single_word":false,"lstrip":false,"#
                    + #""rstrip":\#(token.1),"normalized":false,"special":true}"#
            }
            let text = try String(contentsOf: fixture("Tokenizer/qwen2.tokenizer.json"), encoding: .utf8)
            let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).json")
            defer { try? FileManager.default.removeItem(at: url) }
            try text.replacing(
                /"added_tokens":\[.*?\]/, with: #""added_tokens":[\#(added.joined(separator: ","))]"#
            ).write(to: url, atomically: true, encoding: .utf8)
            return try BytePairTokenizer(contentsOf: url)
        }
        let plain = try tokenizer([("<s>", false), ("<|turn|>", false)])
        let taking = try tokenizer([("<s>", false), ("<|turn|>", true)])
        for name in ["t", "my-Phi-3", "phi3"] {
            #expect(try Self.written(plain, named: name).encode("<|turn|> a") == plain.encode("<|turn|> a"))
            #expect(try Self.written(taking, named: name).encode("<|turn|> a") == taking.encode("<|turn|> a"))
        }
        let mixed = try tokenizer([("<|user|>", false), ("<|turn|>", true)])
        let error = #expect(throws: ModelDirectoryError.self) { try Self.written(mixed) }
        #expect("\(String(describing: error))".contains("tokenizer.ggml.token_type"))
    }

    private static func written(
        _ tokenizer: BytePairTokenizer, named name: String = "t"
    ) throws -> BytePairTokenizer {
        var random = RandomSource(seed: 7)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: tokenizer.vocabularySize + 3, width: 32, depth: 1, contextLength: 8),
            using: &random)
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try model.writeGGUF(
            to: url, tokenizer: tokenizer, configuration: TokenizerConfiguration(), name: name,
            as: .float16)
        return try BytePairTokenizer(directory: url)
    }

    static let texts = [
        "Hello, world!", "  naïve  1234 \n\n x", "don't DON'T", "日本語 ÉCOLE", "<s> a </s>", "",
    ]

    @Test(arguments: ["llama3", "qwen2"]) func idsAreTheSameAfterwards(_ name: String) throws {
        let tokenizer = try BytePairTokenizer(contentsOf: fixture("Tokenizer/\(name).tokenizer.json"))
        let read = try Self.written(tokenizer)
        for text in Self.texts {
            #expect(read.encode(text) == tokenizer.encode(text), "\(text)")
            #expect(
                read.encode(text, addingBoundaries: true) == tokenizer.encode(text, addingBoundaries: true))
            #expect(read.decode(tokenizer.encode(text)) == tokenizer.decode(tokenizer.encode(text)))
        }
    }

    @Test(arguments: ["metaspace", "mistral", "llama2"]) func tokenizersWithoutANameAreRefused(_ name: String)
        throws
    {
        let tokenizer = try BytePairTokenizer(contentsOf: fixture("Tokenizer/\(name).tokenizer.json"))
        let error = #expect(throws: ModelDirectoryError.self) { try Self.written(tokenizer) }
        #expect("\(String(describing: error))".contains("tokenizer.ggml."))
    }

    /// A tokenizer with scores: `<unk>`, `<s>`, `</s>`, perhaps a token for each byte, and pieces, the first to be merged first.
    /// Tied pieces have the score of the last.
    private static func scored(
        _ pieces: [String], hasBytes: Bool, tied: Set<String> = []
    ) throws -> BytePairTokenizer {
        let bytes = !hasBytes ? [] : (0...255).map { String(format: "<0x%02X>", $0) }
        let first = 3 + bytes.count
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        var writer = GGUFWriter()
        writer.add("general.architecture", .text("llama"))
        writer.add("tokenizer.ggml.model", .text("llama"))
        let tokens = ["<unk>", "<s>", "</s>"] + bytes + pieces
        writer.add("tokenizer.ggml.tokens", .strings(tokens.map { Array($0.utf8) }))
        writer.add(
            "tokenizer.ggml.token_type",
            .integers([2, 3, 3] + bytes.map { _ in 6 } + pieces.map { _ in 1 }))
        writer.add(
            "tokenizer.ggml.scores",
            .numbers(
                tokens.indices.map {
                    tied.contains(tokens[$0]) ? -1000 : $0 < first ? 0 : Double(first - 1 - $0)
                }))
        try writer.write(to: url)
        return try BytePairTokenizer(directory: url)
    }

    static let pieces = ["▁h", "he", "ll", "▁he", "▁hell", "o", "▁hello", "▁", "h", "e", "l"]

    @Test func neighborsThatCannotBeWrittenAreOneUnknownToken() throws {
        let tokenizer = try Self.scored(Self.pieces, hasBytes: false)
        #expect(tokenizer.encode("heéœh") == [6, 0, 11])
        #expect(tokenizer.encode("é hé") == [10, 0, 3, 0])
    }

    /// The merges follow from the scores, and the scores from the merges.
    @Test func scoresAreMergesThereAndBack() throws {
        let tokenizer = try Self.scored(Self.pieces, hasBytes: true)
        // By hand: ▁h (1st), then ll, then ▁he, ▁hell, ▁hello; without the first, h and e are merged by themselves.
        #expect(tokenizer.encode("hello") == [265])
        #expect(tokenizer.encode("hello", addingBoundaries: true) == [1, 265])
        #expect(tokenizer.encode("o he é") == [266, 264, 262, 266, 3 + 0xC3, 3 + 0xA9])
        #expect(tokenizer.decode([265, 262]) == "hello he")
        let read = try Self.written(tokenizer)
        for text in Self.texts + ["hello", "o hellhe", "llllo"] {
            #expect(
                read.encode(text, addingBoundaries: true) == tokenizer.encode(text, addingBoundaries: true))
            #expect(read.decode(tokenizer.encode(text)) == tokenizer.decode(tokenizer.encode(text)))
        }
    }

    /// As in Llama 2's models, runs of word marks have one score. Their merges stand in an order of their own then.
    @Test func runsOfMarksMayHaveOneScore() throws {
        let runs = [2, 4, 3, 5].map { String(repeating: "▁", count: $0) }
        let tokenizer = try Self.scored(
            Self.pieces.prefix(7) + runs + Self.pieces.dropFirst(7), hasBytes: true, tied: Set(runs))
        // The space that is put before the text makes five marks, of which hello takes one.
        #expect(tokenizer.encode("    hello") == [267, 265])
        #expect(tokenizer.encode("     ") == [269, 270])
        let read = try Self.written(tokenizer)
        for count in 0...14 {
            let text = String(repeating: " ", count: count) + "hello" + String(repeating: " ", count: count)
            #expect(read.encode(text) == tokenizer.encode(text), "\(count)")
        }
    }

    @Test(arguments: SplitPattern.allCases) func everySplitPatternHasANameOrIsRefused(_ pattern: SplitPattern)
        throws
    {
        var training = BytePairTraining(pattern: pattern)
        training.add("the hello world, the hello 1234 worlds")
        let tokenizer = try training.tokenizer(vocabularySize: 270)
        // llama.cpp's tekken takes pieces that are tokens whole, which a tokenizer that was trained here does not.
        guard pattern != .cl100k, pattern != .tekken else {
            let error = #expect(throws: ModelDirectoryError.self) { try Self.written(tokenizer) }
            #expect("\(String(describing: error))".contains(pattern.rawValue))
            return
        }
        let read = try Self.written(tokenizer)
        for text in Self.texts { #expect(read.encode(text) == tokenizer.encode(text), "\(text)") }
    }

    @Test func tekkenIsWrittenUnderItsName() throws {
        let tokenizer = try BytePairTokenizer(contentsOf: fixture("Tokenizer/tekken.tokenizer.json"))
        let read = try Self.written(tokenizer)
        for text in Self.texts + ["HELLO'll 1234"] {
            #expect(read.encode(text) == tokenizer.encode(text), "\(text)")
        }
    }
}
