import Foundation
import LanguageModel
import Testing

/// Folders with `vocab.json` and `merges.txt` alone, next to transformers.
@Suite struct VocabularyFolderTests {
    private struct Case: Decodable {
        var name: String
        var hasEndOfText: Bool
        var files: [String: String]
        var count: Int
        var samples: [TokenizerFileTests.Sample]
    }

    /// The files that all folders share, taken from a `tokenizer.json`.
    private struct Model: Decodable {
        struct Pair: Decodable {
            var vocab: [String: Int]
            var merges: [[String]]
        }
        var model: Pair
    }

    private func withFolder<Value>(
        hasEndOfText: Bool = true, _ files: [String: String], _ body: (URL) throws -> Value
    ) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try TokenizerData.fixture("digits.tokenizer.json", as: Model.self).model
        var vocabulary = model.vocab
        if hasEndOfText { vocabulary["<|endoftext|>"] = vocabulary.count }
        try JSONEncoder().encode(vocabulary).write(to: folder.appending(component: "vocab.json"))
        let merges = "#version: 0.2\n" + model.merges.map { "\($0[0]) \($0[1])\n" }.joined()
        try Data(merges.utf8).write(to: folder.appending(component: "merges.txt"))
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(component: name)) }
        return try body(folder)
    }

    @Test func idsMatchTransformers() throws {
        for item in try TokenizerData.fixture("folders.json", as: [Case].self) {
            let tokenizer = try withFolder(hasEndOfText: item.hasEndOfText, item.files) {
                try BytePairTokenizer(directory: $0)
            }
            #expect(tokenizer.vocabularySize == item.count, "\(item.name)")
            for sample in item.samples {
                #expect(tokenizer.encode(sample.text) == sample.ids, "\(item.name): \(sample.text)")
                #expect(tokenizer.encode(sample.text, addingBoundaries: true) == sample.all, "\(item.name)")
                #expect(tokenizer.decode(sample.ids) == sample.decoded, "\(item.name): \(sample.text)")
            }
        }
    }

    @Test func whatIsWrittenOfItReadsTheSame() throws {
        for item in try TokenizerData.fixture("folders.json", as: [Case].self) {
            try withFolder(hasEndOfText: item.hasEndOfText, item.files) { folder in
                let tokenizer = try BytePairTokenizer(directory: folder)
                try Data(tokenizer.file(from: folder)).write(
                    to: folder.appending(component: "tokenizer.json"))
                let again = try BytePairTokenizer(directory: folder)
                for sample in item.samples {
                    #expect(again.encode(sample.text, addingBoundaries: true) == sample.all, "\(item.name)")
                    #expect(again.decode(sample.ids) == sample.decoded, "\(item.name)")
                }
            }
        }
    }

    @Test(arguments: [
        (["config.json": #"{"model_type": "llama"}"#], "config.json: model_type: \"llama\""),
        (["tokenizer_config.json": #"{"tokenizer_class": "RobertaTokenizer"}"#], "tokenizer_class"),
        (["tokenizer_config.json": "[]"], "tokenizer_config.json: the file: expected an object"),
        (["added_tokens.json": #"{"<|foo|>": 900}"#], "added_tokens.json: \"<|foo|>\": expected id 331"),
        (["added_tokens.json": #"{"<|foo|>": "x"}"#], "added_tokens.json: \"<|foo|>\": expected an id"),
        (["special_tokens_map.json": #"{"eos_token": 3}"#], "special_tokens_map.json: eos_token"),
    ])
    func whatCannotBeReadIsNamed(files: [String: String], message: String) throws {
        try withFolder(files) { folder in
            let error = #expect(throws: TokenizerError.self) { try BytePairTokenizer(directory: folder) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        }
    }

    @Test func aFolderWithoutAnyNamesTheFile() throws {
        let folder = URL(filePath: "/nowhere/at-all", directoryHint: .isDirectory)
        let error = #expect(throws: TokenizerError.self) { try BytePairTokenizer(directory: folder) }
        #expect(error?.description.contains("tokenizer.json") == true)
    }
}
