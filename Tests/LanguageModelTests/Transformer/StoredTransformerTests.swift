import LanguageModel
import NeuralCore
import Testing

@Suite struct StoredTransformerTests {
    static let families = TransformerConfiguration.Family.allCases

    func model(_ family: TransformerConfiguration.Family) throws -> Transformer {
        try ModelDirectory(fixture("Families/\(family.rawValue)")).transformer()
    }

    func logits(_ model: StoredTransformer, _ tokens: [Int32]) -> [Float] {
        let forest = Forest(sequenceLengths: [tokens.count])
        let configuration = model.configuration
        let hidden = model(tokens, at: forest.positions) { layer, query, key, value in
            attention(
                query: query, key: key, value: value, over: forest, heads: configuration.heads,
                keyValueHeads: configuration.keyValueHeads, scale: configuration.attentionScale,
                window: configuration.window(ofLayer: layer), softCap: configuration.attentionSoftCap)
        }
        return model.logits(of: hidden).scalars
    }

    func logits(_ model: Transformer, _ tokens: [Int32]) -> [Float] {
        model.logits(of: model(tokens, over: Forest(sequenceLengths: [tokens.count]))).scalars
    }

    func greatestDifference(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// Sums of stored weights run in another order than those of tensors: rounding of float32, of logits up to about ten.
    static let rounding: Float = 2e-5

    static let few: [Int32] = [5, 9, 2, 30, 1, 7]
    static let many = (0..<20).map { Int32($0 * 7 % 31) }

    @Test(arguments: families, [few, many]) func float32ChangesNothing(
        _ family: TransformerConfiguration.Family, _ tokens: [Int32]
    ) throws {
        let model = try model(family)
        let difference = greatestDifference(logits(StoredTransformer(model), tokens), logits(model, tokens))
        #expect(difference < Self.rounding)
    }

    /// Replaces every matrix by what is left of it when it is stored.
    struct Rounding: ParameterVisitor {
        let format: StoredMatrix.Format
        var path: [String] = []

        mutating func enter(_ name: String) { path.append(name) }
        mutating func leave() { path.removeLast() }
        mutating func visit(_ parameter: inout Tensor, named name: String) {
            // Routers stay as they are.
            guard parameter.shape.rank == 2, path.suffix(2) != ["mlp", "gate"] else { return }
            let isTable = name.hasPrefix("lm_head") || path.last == "embed_tokens"
            let format = format == .int4 && isTable ? .int8 : format
            parameter = StoredMatrix(parameter, as: format).tensor
        }
    }

    @Test(arguments: families, [StoredMatrix.Format.bfloat16, .int8, .int4])
    func fewerBytesRoundTheWeightsAndNothingElse(
        _ family: TransformerConfiguration.Family, _ format: StoredMatrix.Format
    ) throws {
        let model = try model(family)
        var rounded = model
        // Learned positions are added, not multiplied, and stay as they are.
        let positions = rounded.positions
        var rounding = Rounding(format: format)
        rounded.visitParameters(&rounding)
        rounded.positions = positions
        let stored = StoredTransformer(model, as: format)
        for tokens in [Self.few, Self.many] {
            #expect(greatestDifference(logits(stored, tokens), logits(rounded, tokens)) < Self.rounding)
        }
    }

    /// What samples from a model in training rounds its weights once, not in every product.
    @Test(arguments: families) func roundingWeightsOnceChangesNoBit(
        _ family: TransformerConfiguration.Family
    ) throws {
        var model = try model(family)
        model.precision = .bfloat16
        func finished(_ decoding: consuming Decoding) -> [Decoding.Sequence] {
            while !decoding.isFinished { decoding.step() }
            return decoding.sequences
        }
        for prompts in [[Self.few], [Self.many, Self.few]] {
            let random = RandomSource(seed: 1)
            let sampled = finished(
                Decoding(model, prompts: prompts, samples: 3, maxTokens: 12, using: random))
            let expected = finished(
                Decoding(
                    StoredTransformer(model), prompts: prompts, samples: 3, maxTokens: 12, using: random))
            #expect(sampled.map(\.tokens) == expected.map(\.tokens))
            #expect(sampled.map(\.logProbabilities) == expected.map(\.logProbabilities))
        }
    }

    @Test func bytesAreThoseOfTheFormat() throws {
        var random = RandomSource(seed: 1)
        let configuration = TransformerConfiguration(vocabularySize: 64, width: 64, depth: 2, heads: 2)
        let model = Transformer(configuration, using: &random)
        let exact = StoredTransformer(model).byteCount
        #expect(StoredTransformer(model, as: .bfloat16).byteCount * 2 == exact)
        #expect(StoredTransformer(model, as: .int8).byteCount < exact / 3)
        // Of the blocks, which half fill those of 128 elements: 4 · 64 · 64 + 3 · 64 · 192 numbers a layer.
        let table = 64 * 64 + 64 * 4
        let blocks = 2 * (4 * 64 * 72 + 2 * 192 * 72 + 64 * 2 * 72)
        #expect(StoredTransformer(model, as: .int4).byteCount == table + blocks)
    }
}
