import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Models in GGUF: files of the `gguf` package and of llama.cpp, and our own.
@Suite struct GGUFModelTests {
    struct Tiny: Decodable {
        var ids: [Int32]
        var positions: [Int]
        var transformers: [[Float]]
        var plain: [[Float]]
        var rounded: [[Float]]
        var texts: [String]
        var textIDs: [[Int32]]

        enum CodingKeys: String, CodingKey {
            case ids, positions, transformers, texts
            case plain = "llama.cpp f32"
            case rounded = "llama.cpp q8_0"
            case textIDs = "text_ids"
        }
    }

    static let plain = fixture("GGUF/tiny-f32.gguf")
    static func tiny() throws -> Tiny {
        try JSONDecoder().decode(Tiny.self, from: Data(contentsOf: fixture("GGUF/tiny.json")))
    }

    static func logits(_ model: Transformer, _ tiny: Tiny) -> [[Float]] {
        let forest = Forest(sequenceLengths: [tiny.ids.count])
        let logits = model.logits(of: model(tiny.ids, over: forest))
        return tiny.positions.map { logits[$0..<$0 + 1].scalars }
    }

    static func greatestDifference(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a, b).flatMap { zip($0, $1).map { abs($0 - $1) } }.max() ?? .infinity
    }

    @Test func logitsAreThoseOfTransformersAndLlamaCPP() throws {
        let tiny = try Self.tiny()
        let logits = Self.logits(try ModelDirectory(Self.plain).transformer(), tiny)
        // Fixtures are rounded to five places; 32-bit sums of some hundred terms of order one.
        #expect(Self.greatestDifference(logits, tiny.transformers) < 2e-4)
        #expect(Self.greatestDifference(logits, tiny.plain) < 2e-4)
    }

    /// llama.cpp rounds activations to 8 bits as well, one part in 254 of the greatest of 32: some 0.6 % in each of seven
    /// products. Of a thousand logits the one that is off most is so by three deviations of some 1 % of the greatest.
    @Test func aFileQuantizedByLlamaCPPGivesItsLogits() throws {
        let tiny = try Self.tiny()
        let logits = Self.logits(
            try ModelDirectory(fixture("GGUF/tiny-q8_0.gguf")).transformer(), tiny)
        let scale = tiny.rounded.joined().map(abs).max() ?? 0
        #expect(Self.greatestDifference(logits, tiny.rounded) < 0.03 * scale)
    }

    @Test func theTokenizerIsReadWithItsRoles() throws {
        let tiny = try Self.tiny()
        let tokenizer = try BytePairTokenizer(directory: Self.plain)
        for (text, ids) in zip(tiny.texts, tiny.textIDs) {
            #expect(tokenizer.encode(text, addingBoundaries: true) == ids)
            #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        }
        let configuration = try TokenizerConfiguration(directory: Self.plain)
        #expect(configuration.beginningOfText == "<|begin|>")
        #expect(configuration.endOfText == "<|end|>")
        #expect(configuration.chatTemplate?.contains("<|turn|>") == true)
        let model = try ModelDirectory(Self.plain).configuration()
        #expect(model.endOfSequence == [268, 269])
        #expect(model.beginOfSequence == 267)
        #expect(
            model.rotaryScaling
                == .llama3(
                    factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 128))
    }

    /// The queries and keys of llama.cpp's llama stand in another order; the package's file was made without us.
    @Test func tensorsAreWrittenAsTheConverterWritesThem() throws {
        try Self.expectSameContents(Self.plain)
    }

    /// Expects a file that the package wrote to be written again with the same keys and tensors.
    static func expectSameContents(_ url: URL) throws {
        let package = try GGUFFile(url)
        let copy = try Self.export(url)
        defer { try? FileManager.default.removeItem(at: copy) }
        let own = try GGUFFile(copy)
        #expect(Set(own.names) == Set(package.names))
        for name in package.names {
            let (found, expected) = (try own.tensor(name), try package.tensor(name))
            #expect(found.shape == expected.shape)
            // One is taken from gemma's scales and added again.
            let isRounded = name == "rope_freqs.weight" || name.contains("norm.")
            #expect(
                zip(found.scalars, expected.scalars).allSatisfy {
                    $0 == $1 || (isRounded && abs($0 - $1) < 1e-6 * max(1, abs($1)))
                }, "\(name)")
        }
        for key in package.keys where !["general.file_type"].contains(key) {
            #expect(own.values[key]?.number == package.values[key]?.number, "\(key)")
            if package.values[key]?.number == nil {
                #expect(own.values[key] == package.values[key], "\(key)")
            }
        }
    }

    /// Writes the model of a directory or file anew.
    static func export(_ url: URL, as type: GGUFType = .float32) throws -> URL {
        let model = try ModelDirectory(url).transformer()
        return try write(
            model, BytePairTokenizer(directory: url), TokenizerConfiguration(directory: url), as: type)
    }

    static func write(
        _ model: Transformer, _ tokenizer: BytePairTokenizer,
        _ configuration: TokenizerConfiguration = TokenizerConfiguration(), as type: GGUFType = .float32
    ) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
        try model.writeGGUF(
            to: url, tokenizer: tokenizer, configuration: configuration, name: "tiny", as: type)
        return url
    }

    // MARK: There and back

    static let configurations = TransformerConfiguration.Family.allCases.map { family in
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 280, width: 32, depth: family == .smollm3 ? 5 : 2, heads: 4,
            keyValueHeads: [.gpt2, .gptNeoX].contains(family) ? 4 : 2, headSize: family == .qwen3 ? 16 : nil,
            feedForwardWidth: 64, contextLength: 64, tiesEmbeddings: family != .llama)
        configuration.beginOfSequence = 267
        configuration.endOfSequence = [268, 269]
        switch family {
        case .llama: (configuration.attentionBias, configuration.feedForwardBias) = (.all, true)
        case .qwen2: configuration.rotaryScaling = .linear(factor: 4)
        case .qwen3:
            configuration.rotaryScaling = .yarn(
                factor: 4, originalContextLength: 16, attentionFactor: 0.1 * log(4) + 1)
        case .smollm3: configuration.unrotatedLayers = [3]
        case .granite:
            (configuration.attentionScale, configuration.embeddingMultiplier) = (0.3, 6)
            (configuration.residualMultiplier, configuration.logitDivisor) = (0.22, 8)
        case .phi3:
            configuration.rotatedChannels = 4
            configuration.rotaryScaling = .longrope(
                shortFactors: [1, 1.5], longFactors: [2, 8], originalContextLength: 64, contextLength: 256,
                attentionFactor: 1.25)
        case .gptNeoX: (configuration.rotatedChannels, configuration.hasParallelBranches) = (2, false)
        case .gemma2:
            (configuration.attentionSoftCap, configuration.logitSoftCap) = (50, 30)
            (configuration.slidingWindow, configuration.fullAttentionLayers) = (8, [0])
        case .gemma3:
            (configuration.slidingWindow, configuration.fullAttentionLayers) = (8, [1])
            (configuration.slidingRotaryBase, configuration.rotaryScaling) = (500, .linear(factor: 8))
        case .qwen3MoE: configuration.experts = .init(count: 5, perToken: 3, width: 24)
        case .mixtral: configuration.experts = .init(count: 3, perToken: 1, width: 64)
        default: break
        }
        return configuration
    }

    @Test(arguments: configurations) func everyFamilyIsReadAsItWasWritten(
        _ configuration: TransformerConfiguration
    ) throws {
        var random = RandomSource(seed: 4)
        let model = Transformer(configuration, using: &random)
        let tokenizer = try BytePairTokenizer(directory: Self.plain)
        let url = try Self.write(model, tokenizer, try TokenizerConfiguration(directory: Self.plain))
        defer { try? FileManager.default.removeItem(at: url) }
        let read = try ModelDirectory(url).transformer()
        var expected = configuration
        // A mistral without a window is a llama.
        if expected.family == .mistral { expected.family = .llama }
        #expect(read.configuration == expected)
        #expect(read.parameters.map(\.name) == model.parameters.map(\.name))
        for (found, expected) in zip(read.parameters, model.parameters) {
            #expect(found.value.scalars == expected.value.scalars, "\(expected.name)")
        }
        let again = try BytePairTokenizer(directory: url)
        for text in ["hello world", "naïve <|turn|> ˈ\n"] {
            #expect(again.encode(text) == tokenizer.encode(text))
        }
    }

    /// A llama, and a model with experts.
    @Test(arguments: GGUFType.writable, [plain, fixture("GGUF/qwen3moe-q8_0.gguf")])
    func everyTypeIsReadWithinItsRounding(_ type: GGUFType, _ original: URL) throws {
        let url = try Self.export(original, as: type)
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try GGUFFile(url)
        for name in file.names where name.contains("ffn_") && file[name]!.shape.rank > 1 {
            let isRouter = name.contains("ffn_gate_inp")
            #expect(file[name]?.type == (isRouter ? .float32 : type == .q4K ? .q80 : type), "\(name)")
        }
        let model = try ModelDirectory(url).transformer()
        let plain = try ModelDirectory(original).transformer()
        let rounding: Float =
            switch type {
            case .float32: 0
            case .float16: 0x1p-11
            case .bfloat16: 0x1p-8
            // Rows of 32 are no blocks of 256: they are stored in 8 bits.
            case .q80, .q4K: 1 / 120
            default: 1 / 7
            }
        for (found, expected) in zip(model.parameters, plain.parameters) {
            let greatest = expected.value.scalars.map(abs).max() ?? 0
            let error = zip(found.value.scalars, expected.value.scalars).map { abs($0 - $1) }.max() ?? 0
            #expect(error <= rounding * greatest, "\(expected.name)")
        }
    }

    @Test func theBoundsOfScaledRotationAreFoundFromItsFactors() throws {
        for (factor, low, high, original) in [(8.0, 1.0, 4.0, 8192), (32, 1, 4, 8192), (4, 0.5, 2, 2048)] {
            var configuration = TransformerConfiguration(
                family: .llama, vocabularySize: 280, width: 128, depth: 1, heads: 1, headSize: 128,
                feedForwardWidth: 32, contextLength: 64)
            configuration.rotaryBase = 500_000
            configuration.rotaryScaling = .llama3(
                factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high,
                originalContextLength: original)
            var random = RandomSource(seed: 5)
            let url = try Self.write(
                Transformer(configuration, using: &random), BytePairTokenizer(directory: Self.plain))
            defer { try? FileManager.default.removeItem(at: url) }
            let read = try ModelDirectory(url).configuration().rotaryScaling
            guard case .llama3(let foundFactor, let foundLow, let foundHigh, let foundOriginal)? = read else {
                Issue.record("\(String(describing: read))")
                continue
            }
            #expect(abs(foundFactor - factor) < 1e-4)
            #expect((foundLow, foundHigh, foundOriginal) == (low, high, original))
        }
    }
}
