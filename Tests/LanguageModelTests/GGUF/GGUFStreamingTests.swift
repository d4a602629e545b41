import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// A file that is written or read one tensor at a time is the one of the model in memory.
@Suite struct GGUFStreamingTests {
    /// The families and whether the head is the embedding, which it always is in gemma2.
    static let models = TransformerConfiguration.Family.allCases.flatMap { family in
        (family == .gemma2 ? [true] : [true, false]).map { (family, $0) }
    }

    @Test(arguments: models)
    func theFileHasTheSameBytes(_ family: TransformerConfiguration.Family, tiesEmbeddings: Bool) throws {
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder.appending(component: "model"))
            try directory.write(StoredLoadingTests.model(family, tiesEmbeddings: tiesEmbeddings))
            let tokenizer = try BytePairTokenizer(directory: fixture("GGUF/tiny-f32.gguf"))
            let urls = ["streamed.gguf", "whole.gguf"].map { folder.appending(component: $0) }
            for type in [GGUFType.float32, .float16, .q80] {
                try directory.writeGGUF(
                    to: urls[0], tokenizer: tokenizer, configuration: TokenizerConfiguration(), name: "x",
                    endingWith: [5, 3], as: type)
                var model = try directory.transformer()
                model.endOfSequence = [5, 3]
                try model.writeGGUF(
                    to: urls[1], tokenizer: tokenizer, configuration: TokenizerConfiguration(), name: "x",
                    as: type)
                #expect(try Data(contentsOf: urls[0]) == Data(contentsOf: urls[1]))
            }
        }
    }

    @Test(arguments: models)
    func aModelThatIsReadStraightIntoAFormatHasTheSameBits(
        _ family: TransformerConfiguration.Family, tiesEmbeddings: Bool
    ) throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model.gguf")
            let tokenizer = try BytePairTokenizer(directory: fixture("GGUF/tiny-f32.gguf"))
            try StoredLoadingTests.model(family, tiesEmbeddings: tiesEmbeddings).writeGGUF(
                to: url, tokenizer: tokenizer, configuration: TokenizerConfiguration(), name: "x", as: .q80)
            for format in StoredMatrix.Format.allCases {
                try StoredLoadingTests().expectSameBits(ModelDirectory(url), format)
            }
        }
    }

    @Test func aModelThatIsNotWholeIsRefusedAndNothingIsWritten() throws {
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(StoredLoadingTests.model(.llama, tiesEmbeddings: true))
            let checkpoint = try Checkpoint(folder)
            var writer = SafetensorsWriter()
            for key in checkpoint.keys.dropLast() { writer.add(try checkpoint.tensor(key), named: key) }
            try writer.write(to: folder.appending(component: "model.safetensors"))
            let url = folder.appending(component: "x.gguf")
            #expect(throws: ModelDirectoryError.self) {
                try directory.writeGGUF(
                    to: url, tokenizer: BytePairTokenizer(directory: fixture("GGUF/tiny-f32.gguf")),
                    configuration: TokenizerConfiguration(), name: "x", endingWith: [], as: .float16)
            }
            #expect(!FileManager.default.fileExists(atPath: url.path))
        }
    }
}
