import Foundation
import LanguageModel
import NeuralCore
import Testing

/// `generation_config.json`, which says where generation ends.
@Suite struct GenerationConfigurationTests {
    private func withDirectory(_ ends: [Int32], _ body: (ModelDirectory) throws -> Void) throws {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = TransformerConfiguration(vocabularySize: 20, width: 8, depth: 1, heads: 1)
        configuration.beginOfSequence = 1
        configuration.endOfSequence = ends
        configuration.padding = 0
        var random = RandomSource(seed: 1)
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        try body(ModelDirectory(folder))
    }

    private func file(_ directory: ModelDirectory) -> URL {
        directory.url.appending(component: "generation_config.json")
    }

    /// transformers 5.23 writes these keys of its own accord, and others that say how a forward pass is reported.
    @Test func itHasTheKeysOfTransformers() throws {
        for (ends, written) in [([2], "2"), ([2, 5], "[2,5]"), ([], nil)] as [([Int32], String?)] {
            try withDirectory(ends) { directory in
                let text = try String(contentsOf: file(directory), encoding: .utf8)
                    .filter { !$0.isWhitespace }
                let end = written.map { #""eos_token_id":\#($0),"# } ?? ""
                #expect(text == #"{"_from_model_config":true,"bos_token_id":1,\#(end)"pad_token_id":0}"#)
                #expect(try directory.transformer().configuration.endOfSequence == ends)
            }
        }
    }

    @Test(
        arguments: [
            ("{\"eos_token_id\": 7}", [7]), ("{\"eos_token_id\": [2, 9, 7]}", [2, 9, 7]),
            ("{\"eos_token_id\": [20, 7]}", [7]), ("{\"eos_token_id\": null}", [2]),
            ("{\"temperature\": 0.6}", [2]),
        ] as [(String, [Int32])])
    func itsTokensEndASequenceWhereItNamesAny(_ text: String, _ ends: [Int32]) throws {
        try withDirectory([2]) { directory in
            try Data(text.utf8).write(to: file(directory))
            #expect(try directory.transformer().endOfSequence == ends)
            try FileManager.default.removeItem(at: file(directory))
            #expect(try directory.transformer().endOfSequence == [2])
        }
    }

    @Test(arguments: ["{\"eos_token_id\": \"end\"}", "[]", "{"])
    func whatIsNoTokenIsRefusedWithItsFile(_ text: String) throws {
        try withDirectory([2]) { directory in
            try Data(text.utf8).write(to: file(directory))
            #expect {
                try directory.transformer()
            } throws: {
                "\($0)".contains("generation_config.json")
            }
        }
    }
}
