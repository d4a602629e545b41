import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Every key of `config.json` against transformers: `Fixtures/Keys/make_keys.py` changed each and looked at the logits.
@Suite struct ConfigurationKeyTests {
    typealias Family = TransformerConfiguration.Family

    /// A key with another value, and what became of the model in transformers.
    struct Change {
        let key: String
        let value: Any
        let effect: String
        let logits: [Float]?
    }

    static func attributes(_ family: Family) throws -> [String] {
        let all = try json("Keys/keys.json") as? [String: [String: Any]]
        return try #require(all?[family.rawValue]?["attributes"] as? [String])
    }

    static func changes(_ family: Family) throws -> [Change] {
        let all = try json("Keys/keys.json") as? [String: [String: Any]]
        let changes = try #require(all?[family.rawValue]?["changes"] as? [[String: Any]])
        return try changes.map {
            Change(
                key: try #require($0["key"] as? String), value: $0["value"] ?? NSNull(),
                effect: try #require($0["effect"] as? String),
                logits: ($0["logits"] as? [NSNumber])?.map(\.floatValue))
        }
    }

    static let tokens = (0..<24).map { Int32($0 * 7 % 53) }

    @Test(arguments: Family.allCases) func everyAttributeHasAFate(_ family: Family) throws {
        let attributes = try Self.attributes(family)
        #expect(attributes.count > 30)
        #expect(attributes.filter { family.keys[$0] == nil } == [])
    }

    @Test(arguments: Family.allCases) func everyKeyDoesWhatItDoesInTransformers(_ family: Family) throws {
        let folder = fixture("Families/\(family.rawValue)")
        let unchanged = logits(try ModelDirectory(folder).transformer(), Self.tokens)
        for change in try Self.changes(family) {
            let name: Comment = "\(change.key): \(change.value) (\(change.effect))"
            let found = try withModel(folder, changing: [change.key: change.value]) { directory in
                Result {
                    let model = try directory.transformer()
                    // Longer texts than the model is meant for are refused.
                    try model.configuration.check(context: Self.tokens.count, name: "model")
                    return logits(model, Self.tokens)
                }
            }
            let isAsBefore = (try? found.get()).map { relativeError($0, unchanged) < 1e-4 }
            switch change.effect {
            case "same": #expect(isAsBefore == true, name)
            case "different":
                #expect(family.keys[change.key] != .harmless, name)
                switch found {
                case .success(let tensor):
                    let last = Array(tensor.scalars.suffix(53).prefix(8))
                    let error = try zip(last, #require(change.logits)).map { abs($0 - $1) }.max() ?? .infinity
                    #expect(error < 1e-3, name)
                case .failure(ModelDirectoryError.unsupported), .failure(is MisfitError): break
                case .failure(let error): Issue.record("\(change.key): \(change.value): \(error)")
                }
            default:
                #expect(family.keys[change.key] != .harmless, name)
                #expect(isAsBefore == nil, name)
            }
        }
    }

    /// What is refused says which key is to blame, what it was and what it may be.
    @Test(arguments: Family.allCases) func whatIsRefusedIsNamed(_ family: Family) throws {
        let folder = fixture("Families/\(family.rawValue)")
        for (key, fate) in family.keys {
            guard case .only(let supported) = fate else { continue }
            for value in supported {
                let allowed: Any = Bool(value) ?? value
                try withModel(folder, changing: [key: allowed]) { try $0.configuration() }
            }
            try withModel(folder, changing: [key: "something else"]) { directory in
                #expect {
                    try directory.configuration()
                } throws: {
                    guard case ModelDirectoryError.unsupported(_, key, "something else", _) = $0 else {
                        return false
                    }
                    return true
                }
            }
        }
    }

    /// The sizes are absent in a file that was trimmed by hand; transformers has a value for each.
    @Test(
        arguments: [
            (Family.gpt2, 50_257, 768, 3072, 12, 12, 12, 64, 1024, [50_256]),
            (.llama, 32_000, 4096, 11_008, 32, 32, 32, 128, 2048, [2]),
            (.mistral, 32_000, 4096, 14_336, 32, 32, 8, 128, 131_072, [2]),
            (.qwen2, 151_936, 4096, 22_016, 32, 32, 32, 128, 32_768, []),
            (.qwen3, 151_936, 4096, 22_016, 32, 32, 32, 128, 32_768, []),
            (.olmo2, 50_304, 4096, 11_008, 32, 32, 32, 128, 2048, [50_279]),
            (.granite, 32_000, 4096, 11_008, 32, 32, 32, 128, 2048, [2]),
            (.smollm3, 128_256, 2048, 11_008, 36, 16, 4, 128, 32_768, [128_001]),
            (.phi3, 32_064, 3072, 8192, 32, 32, 32, 96, 4096, [32_000]),
            (.gptNeoX, 50_432, 6144, 24_576, 44, 64, 64, 96, 2048, [2]),
            (.gemma2, 256_000, 2304, 9216, 26, 8, 4, 256, 8192, [1]),
            (.gemma3, 262_208, 2304, 9216, 26, 8, 4, 256, 131_072, [1]),
        ] as [(Family, Int, Int, Int, Int, Int, Int, Int, Int, [Int32])])
    func whatIsAbsentHasTheValueOfTransformers(
        _ family: Family, vocabulary: Int, width: Int, inner: Int, depth: Int, heads: Int, keyValueHeads: Int,
        headSize: Int, context: Int, ends: [Int32]
    ) throws {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(#"{"model_type": "\#(family.rawValue)"}"#.utf8)
            .write(to: folder.appending(component: "config.json"))
        let configuration = try ModelDirectory(folder).configuration()
        #expect(configuration.vocabularySize == vocabulary)
        #expect(configuration.width == width)
        #expect(configuration.feedForwardWidth == inner)
        #expect(configuration.depth == depth)
        #expect(configuration.heads == heads)
        #expect(configuration.keyValueHeads == keyValueHeads)
        #expect(configuration.headSize == headSize)
        #expect(configuration.contextLength == context)
        let slides = [.mistral, .gemma2, .gemma3].contains(family)
        #expect(configuration.slidingWindow == (slides ? 4096 : nil))
        #expect(configuration.endOfSequence == ends)
        #expect(configuration.tiesEmbeddings == [.gpt2, .smollm3, .gemma2, .gemma3].contains(family))
        #expect(
            configuration.rotaryBase
                == (family == .gpt2 ? nil : [.smollm3: 2_000_000, .gemma3: 1_000_000][family] ?? 10_000))
        #expect(configuration.slidingRotaryBase == (family == .gemma3 ? 10_000 : nil))
        #expect(configuration.rotatedChannels == (family == .gptNeoX ? 24 : nil))
        #expect(configuration.hasParallelBranches == (family == .gptNeoX))
        #expect(configuration.attentionScale == (family == .granite ? 1 : nil))
        #expect(configuration.attentionSoftCap == (family == .gemma2 ? 50 : nil))
        #expect(configuration.logitSoftCap == (family == .gemma2 ? 30 : nil))
        let unrotated = family == .smollm3 ? Set(stride(from: 3, to: 36, by: 4)) : []
        #expect(configuration.unrotatedLayers == unrotated)
    }

    /// Nothing is allocated for a model that the weights are not of.
    @Test func sizesFarBeyondTheWeightsAreRefusedAtOnce() throws {
        let huge = ["hidden_size": 1 << 24, "intermediate_size": 1 << 24, "num_hidden_layers": 4096]
        try withModel(fixture("Families/llama"), changing: huge) { directory in
            #expect(throws: ModelDirectoryError.self) { try directory.transformer() }
        }
        try withModel(fixture("Families/gpt2"), changing: ["n_embd": 1 << 24, "n_layer": 4096]) { directory in
            #expect(throws: ModelDirectoryError.self) { try directory.transformer() }
        }
    }

    @Test(
        arguments: [
            ("layer_types", 3), ("rope_scaling", "linear"),
            ("rope_parameters", ["full_attention": ["factor": 2]]),
            ("sliding_window", "8"), ("eos_token_id", "end"), ("eos_token_id", true), ("eos_token_id", 1.5),
        ] as [(String, any Sendable)])
    func whatIsOfAnotherKindIsRefused(_ key: String, _ value: any Sendable) throws {
        try withModel(fixture("Families/mistral"), changing: [key: value]) { directory in
            #expect {
                try directory.configuration()
            } throws: {
                "\($0)".contains(key)
            }
        }
    }

    /// 50 channels and 4 heads make heads of 12, as in transformers.
    @Test func headsNeedNotDivideTheWidth() throws {
        let changes: [String: Any] = ["hidden_size": 50, "num_attention_heads": 4, "head_dim": "absent"]
        let configuration = try withModel(fixture("Families/mistral"), changing: changes) {
            try $0.configuration()
        }
        #expect(configuration.headSize == 12)
    }
}
