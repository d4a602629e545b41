import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// A model that is read straight into a format is the one that is read in 32 bits and then stored, bit for bit.
@Suite struct StoredLoadingTests {
    typealias Family = TransformerConfiguration.Family

    static let tokens = (0..<20).map { Int32($0 * 7 % 31) }

    /// A byte of a matrix that differs shows in the logits.
    func bits(_ model: StoredTransformer) -> [UInt32] {
        let forest = Forest(sequenceLengths: [Self.tokens.count])
        let configuration = model.configuration
        let hidden = model(Self.tokens, at: forest.positions) { layer, query, key, value in
            attention(
                query: query, key: key, value: value, over: forest, heads: configuration.heads,
                keyValueHeads: configuration.keyValueHeads, scale: configuration.attentionScale,
                window: configuration.window(ofLayer: layer), softCap: configuration.attentionSoftCap)
        }
        return model.logits(of: hidden).scalars.map(\.bitPattern)
    }

    func expectSameBits(_ directory: ModelDirectory, _ format: StoredMatrix.Format) throws {
        let straight = try directory.storedTransformer(as: format)
        let expected = StoredTransformer(try directory.transformer(), as: format)
        #expect(straight.format == format)
        #expect(straight.configuration == expected.configuration)
        #expect(straight.byteCount == expected.byteCount)
        #expect(bits(straight) == bits(expected))
    }

    @Test(arguments: Family.allCases, StoredMatrix.Format.allCases)
    func modelsOfTransformersHaveTheSameBits(_ family: Family, _ format: StoredMatrix.Format) throws {
        try expectSameBits(ModelDirectory(fixture("Families/\(family.rawValue)")), format)
    }

    static func model(_ family: Family, tiesEmbeddings: Bool) -> Transformer {
        var random = RandomSource(seed: 5)
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 280, width: 32, depth: 3, heads: 4,
            keyValueHeads: [.gpt2, .gptNeoX].contains(family) ? 4 : 2, feedForwardWidth: 64,
            contextLength: 64,
            tiesEmbeddings: tiesEmbeddings)
        if family == .llama { (configuration.attentionBias, configuration.feedForwardBias) = (.all, true) }
        if family == .gemma2 {
            (configuration.attentionSoftCap, configuration.logitSoftCap) = (50, 30)
        }
        var model = Transformer(configuration, using: &random)
        // Biases and norms of a fresh model are zeros and ones.
        model.forEachParameter { _, parameter in
            if parameter.shape.rank == 1 {
                parameter = parameter + Tensor(of: parameter.shape, from: .normal(), using: &random)
            }
        }
        return model
    }

    @Test(arguments: Family.allCases, [true, false])
    func tiedAndUntiedModelsInSeveralFilesHaveTheSameBits(_ family: Family, tiesEmbeddings: Bool) throws {
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(Self.model(family, tiesEmbeddings: tiesEmbeddings), bytesPerFile: 20_000)
            #expect(
                FileManager.default.fileExists(
                    atPath: folder.appending(component: "model.safetensors.index.json").path))
            for format in StoredMatrix.Format.allCases { try expectSameBits(directory, format) }
        }
    }

    @Test(arguments: ["model.norm.weight", "model.layers.2.mlp.up_proj.weight"])
    func aModelThatLacksAnArrayIsRefused(_ key: String) throws {
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(Self.model(.llama, tiesEmbeddings: true))
            let checkpoint = try Checkpoint(folder)
            var writer = SafetensorsWriter()
            for other in checkpoint.keys where other != key {
                writer.add(try checkpoint.tensor(other), named: other)
            }
            try writer.write(to: folder.appending(component: "model.safetensors"))
            let error = #expect(throws: ModelDirectoryError.self) {
                try directory.storedTransformer(as: .int8)
            }
            guard case .checkpoint(.missingKeys([key], file: _)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
