import Foundation
import LanguageModel
import TestSupport
import Testing

/// Ids against those of the reference implementations, on the vocabularies of the shared data.
@Suite(.enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"))
struct ReferenceEncodingTests {
    enum Family: String, CaseIterable, Sendable {
        case gpt2, cl100k, qwen2

        func tokenizer() throws -> BytePairTokenizer {
            switch self {
            case .gpt2: try Self.gpt2Tokenizer.get()
            case .cl100k: try Self.cl100kTokenizer.get()
            case .qwen2: try Self.qwen2Tokenizer.get()
            }
        }

        private static let gpt2Tokenizer = read("r50k_base", .gpt2)
        private static let cl100kTokenizer = read("cl100k_base", .cl100k)
        private static let qwen2Tokenizer = read("qwen", .qwen2)

        private static func read(_ name: String, _ pattern: SplitPattern) -> Result<
            BytePairTokenizer, any Error
        > {
            Result {
                try BytePairTokenizer(
                    tiktoken: TestFiles.shared("tokenizers/\(name).tiktoken"), pattern: pattern)
            }
        }
    }

    struct RandomText: Decodable {
        var text: String
        var gpt2, cl100k, qwen2: [Int32]
    }

    @Test(arguments: Family.allCases)
    func randomTextOfEveryPlaneMatchesTiktoken(family: Family) throws {
        let tokenizer = try family.tokenizer()
        for sample in try TokenizerData.fixture("ids.json", as: [RandomText].self) {
            let ids = tokenizer.encode(sample.text)
            let expected =
                switch family {
                case .gpt2: sample.gpt2
                case .cl100k: sample.cl100k
                case .qwen2: sample.qwen2
                }
            #expect(ids == expected, "\(sample.text.debugDescription)")
        }
    }

    @Test(arguments: [("gpt-2", Family.gpt2), ("llama-bpe", .cl100k), ("qwen2", .qwen2)])
    func tortureStringsMatchLlamaCpp(name: String, family: Family) throws {
        let tokenizer = try family.tokenizer()
        let cases = try TortureStrings(name)
        #expect(cases.texts.count == cases.ids.count && cases.texts.count > 40)
        // Llama 3 adds tokens to cl100k; the texts whose ids need none of them are the same in both.
        for (text, ids) in zip(cases.texts, cases.ids) where ids.allSatisfy({ $0 < tokenizer.vocabularySize })
        {
            #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
        }
    }

    @Test(arguments: [("r50k_base", Family.gpt2), ("cl100k_base", .cl100k)])
    func jtokkitEncodingsMatch(name: String, family: Family) throws {
        let tokenizer = try family.tokenizer()
        let rows = try CommaSeparatedValues(TestFiles.shared("tokenizer-tests/\(name)_encodings.csv"))
            .rows
        #expect(rows.count > 400)
        for row in rows.dropFirst() {
            let expected = row[1].dropFirst().dropLast().split(separator: ", ").compactMap { Int32($0) }
            #expect(tokenizer.encode(row[0]) == expected, "\(row[0].debugDescription)")
        }
    }

    @Test(arguments: Family.allCases)
    func decodingInvertsEncodingOnAnyBytes(family: Family) throws {
        let tokenizer = try family.tokenizer()
        for length in 0..<300 where family != .qwen2 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255) }
            #expect(tokenizer.bytes(of: tokenizer.encode(bytes)) == bytes)
        }
        for file in ["address.txt", "german.txt", "bpe-train/corpus.en"] {
            let text = try String(
                contentsOf: TestFiles.shared("tokenizer-tests/\(file)"), encoding: .utf8)
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
        guard family != .qwen2 else { return }  // which normalizes
        let malformed = try [UInt8](Data(contentsOf: TestFiles.shared("unicode/UTF-8-test.txt")))
        let decoded = tokenizer.bytes(of: tokenizer.encode(malformed))
        #expect(decoded.elementsEqual(malformed))
    }

    @Test(arguments: Family.allCases)
    func oneLetterAMillionTimesEncodes(family: Family) throws {
        let tokenizer = try family.tokenizer()
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
        let decoded = tokenizer.bytes(of: tokenizer.encode(bytes))
        #expect(decoded.elementsEqual(bytes))
    }
}

/// The strings llama.cpp tests its tokenizers with, and the ids they must give.
struct TortureStrings {
    var texts: [String]
    var ids: [[Int32]]

    init(_ name: String) throws {
        let file = "tokenizer-tests/ggml-vocab-\(name).gguf"
        let input = try String(contentsOf: TestFiles.shared("\(file).inp"), encoding: .utf8)
        let output = try String(contentsOf: TestFiles.shared("\(file).out"), encoding: .utf8)
        texts = input.components(separatedBy: "\n__ggml_vocab_test__\n").dropLast()
        ids = output.components(separatedBy: "\n").map { line in
            line.split(separator: " ").compactMap { Int32($0) }
        }
        if ids.last?.isEmpty == true { ids.removeLast() }
    }
}

/// A CSV file with quoted fields.
struct CommaSeparatedValues {
    var rows: [[String]] = []

    init(_ url: URL) throws {
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var previous: UInt8 = 0
        for byte in try Data(contentsOf: url) {
            switch (byte, isQuoted) {
            case (UInt8(ascii: "\""), _):
                if !isQuoted, previous == UInt8(ascii: "\"") { field.append(byte) }
                isQuoted.toggle()
            case (UInt8(ascii: ","), false):
                row.append(String(decoding: field, as: UTF8.self))
                field = []
            case (UInt8(ascii: "\n"), false):
                row.append(String(decoding: field, as: UTF8.self))
                rows.append(row)
                (row, field) = ([], [])
            default: field.append(byte)
            }
            previous = byte
        }
    }
}
