import Foundation
import LanguageModel
import NeuralCore
import Testing

/// The rotary settings that are written, which transformers 4 and 5 read under different names.
@Suite struct RotaryKeyTests {
    private func written(_ scaling: RotaryEmbedding.Scaling?) throws -> [String: Any] {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = TransformerConfiguration(
            family: .llama, vocabularySize: 20, width: 8, depth: 1, heads: 1)
        configuration.rotaryBase = 500
        configuration.rotaryScaling = scaling
        var random = RandomSource(seed: 1)
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        #expect(try ModelDirectory(folder).configuration() == configuration)
        let file = folder.appending(component: "config.json")
        return try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
    }

    private func text(_ value: Any?) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: value ?? NSNull(), options: [.sortedKeys, .fragmentsAllowed]), as: UTF8.self)
    }

    /// transformers 4 knows `rope_scaling` alone, and refuses keys that the kind does not have.
    @Test func llama3IsWrittenForBoth() throws {
        let keys = try written(
            .llama3(factor: 4, lowFrequencyFactor: 1, highFrequencyFactor: 3, originalContextLength: 16))
        let scaling =
            #""factor":4,"high_freq_factor":3,"low_freq_factor":1,"original_max_position_embeddings":16,"#
        #expect(try text(keys["rope_scaling"]) == "{\(scaling)\"rope_type\":\"llama3\"}")
        #expect(
            try text(keys["rope_parameters"]) == "{\(scaling)\"rope_theta\":500,\"rope_type\":\"llama3\"}")
        #expect(keys["rope_theta"] as? Double == 500)
    }

    @Test(arguments: [(2, "2.0"), (2.5, "2.5"), (16, "16.0")]) func factorsHaveADecimalPoint(
        _ factor: Double, _ decimal: String
    ) throws {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = TransformerConfiguration(vocabularySize: 20, width: 8, depth: 1, heads: 1)
        configuration.rotaryScaling = .linear(factor: factor)
        var random = RandomSource(seed: 1)
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        let text = try String(contentsOf: folder.appending(component: "config.json"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.contains("\"factor\"") }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.filter { !$0.isWhitespace }.contains("\"factor\":\(decimal),") })
    }

    @Test func linearIsWrittenForBoth() throws {
        let keys = try written(.linear(factor: 2))
        #expect(try text(keys["rope_scaling"]) == #"{"factor":2,"type":"linear"}"#)
        #expect(
            try text(keys["rope_parameters"]) == #"{"factor":2,"rope_theta":500,"rope_type":"linear"}"#)
    }

    @Test func yarnIsWrittenForBoth() throws {
        let keys = try written(
            .yarn(
                factor: 4, originalContextLength: 16, betaFast: 8, betaSlow: 2, attentionFactor: 1.25,
                isRounded: false))
        let scaling =
            #""attention_factor":1.25,"beta_fast":8,"beta_slow":2,"factor":4,"original_max_position_embeddings":16,"#
        #expect(
            try text(keys["rope_scaling"]) == "{\(scaling)\"rope_type\":\"yarn\",\"truncate\":false}")
        #expect(
            try text(keys["rope_parameters"])
                == "{\(scaling)\"rope_theta\":500,\"rope_type\":\"yarn\",\"truncate\":false}")
    }

    /// Old versions of transformers take no other keys in phi3; max_position_embeddings is not the context of training.
    @Test func longropeIsWrittenAsPhi3HasIt() throws {
        let model = try ModelDirectory(fixture("Families/phi3")).transformer()
        #expect(model.configuration.contextLength == 32)
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelDirectory(folder).write(model)
        #expect(try ModelDirectory(folder).configuration() == model.configuration)
        let file = try Data(contentsOf: folder.appending(component: "config.json"))
        let keys = try JSONSerialization.jsonObject(with: file) as? [String: Any] ?? [:]
        #expect(
            try text(keys["rope_scaling"])
                == #"{"long_factor":[2,7.5],"short_factor":[1,2.5],"type":"longrope"}"#)
        #expect(keys["max_position_embeddings"] as? Int == 64)
        #expect(keys["original_max_position_embeddings"] as? Int == 32)
        #expect(keys["partial_rotary_factor"] as? Double == 0.5)
    }

    @Test func dynamicIsWrittenForBoth() throws {
        let keys = try written(.dynamic(factor: 2))
        #expect(try text(keys["rope_scaling"]) == #"{"factor":2,"type":"dynamic"}"#)
        #expect(
            try text(keys["rope_parameters"]) == #"{"factor":2,"rope_theta":500,"rope_type":"dynamic"}"#)
    }

    @Test func noScalingIsNull() throws {
        let keys = try written(nil)
        #expect(keys["rope_scaling"] is NSNull)
        #expect(try text(keys["rope_parameters"]) == #"{"rope_theta":500,"rope_type":"default"}"#)
    }
}
