import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// What each key of `adapter_config.json` does.
@Suite struct AdapterFileTests {
    /// The fields of PEFT's LoraConfig with their standard values.
    private func fields() throws -> [String: Any] {
        let data = try Data(contentsOf: AdapterFixture.folder("fields.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Reads the fixture `regex` with other values of some keys.
    private func read(_ changes: [String: Any]) throws -> LowRankAdapter {
        let base = try ParityRun.model()
        return try withTemporaryFolder { folder in
            let source = AdapterFixture.folder("regex")
            let array = "adapter_model.safetensors"
            try FileManager.default.copyItem(
                at: source.appending(component: array), to: folder.appending(component: array))
            let name = "adapter_config.json"
            let data = try Data(contentsOf: source.appending(component: name))
            var values = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            values.merge(changes) { $1 }
            try JSONSerialization.data(withJSONObject: values, options: .sortedKeys)
                .write(to: folder.appending(component: name))
            return try ModelDirectory(folder).adapter(for: base)
        }
    }

    @Test func everyKeyOfPEFTHasAFate() throws {
        #expect(Set(AdapterFile.fates.keys) == Set(try fields().keys))
    }

    @Test func theStandardOfARefusedKeyIsNotRefused() throws {
        let standards = try fields().filter { AdapterFile.fates[$0.key] == .refused }
        #expect(standards.count > 5)
        #expect(try read(standards).maps.count == 6)
    }

    @Test(arguments: AdapterFile.fates.filter { $0.value == .refused }.map(\.key).sorted() + ["unheard_of"])
    func aRefusedKeyIsNamed(_ key: String) throws {
        for value in [true, ["a": 1], [1], "on", 3] as [Any] {
            let error = #expect(throws: ModelDirectoryError.self) { try read([key: value]) }
            #expect(error?.description.contains(key) ?? false)
        }
        #expect(throws: Never.self) { try read([key: NSNull()]) }
        #expect(throws: Never.self) { try read([key: false]) }
    }

    @Test(arguments: AdapterFile.fates.filter { $0.value == .harmless }.map(\.key).sorted())
    func aHarmlessKeyChangesNothing(_ key: String) throws {
        let plain = try read([:])
        for value in [true, "x", ["a": 1]] as [Any] {
            let read = try read([key: value])
            #expect(read.configuration == plain.configuration)
            #expect(read.maps.map(\.alpha) == plain.maps.map(\.alpha))
        }
    }

    @Test(
        arguments: [
            ("peft_type", "\"IA3\""), ("task_type", "\"TOKEN_CLS\""), ("bias", "\"lora_only\""),
            ("init_lora_weights", "\"pissa\""), ("init_lora_weights", "\"loftq\""), ("r", "0"), ("r", "7"),
            ("lora_alpha", "0"), ("lora_alpha", "-1"), ("lora_alpha", "1e-60"), ("lora_dropout", "1"),
            ("lora_dropout", "\"much\""), ("use_dora", "true"), ("use_rslora", "3"),
            ("target_modules", "[\"q_proj\"]"), ("target_modules", "\".*gate.*\""),
            ("exclude_modules", "[\"v_proj\"]"), ("layers_to_transform", "[1]"), ("layers_to_transform", "0"),
            ("rank_pattern", "{\"down_proj\": 4}"), ("rank_pattern", "{}"), ("alpha_pattern", "[1]"),
            ("alpha_pattern", "{\"(\": 4}"), ("alpha_pattern", "{\"q_proj\": \"x\"}"),
        ])
    func anHonoredKeyIsHeededOrRefused(_ key: String, _ value: String) throws {
        #expect(AdapterFile.fates[key] == .honored)
        let object = try JSONSerialization.jsonObject(with: Data("{\"v\": \(value)}".utf8)) as? [String: Any]
        let error = #expect(throws: ModelDirectoryError.self) { try read([key: try #require(object?["v"])]) }
        let isOfArrays = key == "r" || key == "use_dora" || key == "rank_pattern"
        #expect(error.map { isOfArrays || $0.description.contains(key) } ?? false)
    }

    @Test func theFirstPatternOfTheFileThatMatchesCounts() throws {
        for (text, alpha) in [
            (#"{".*_proj": 3, "q_proj": 5}"#, 3), (#"{"q_proj": 5, ".*_proj": 3}"#, 5),
            (#"{"proj": 3}"#, 4), (#"{"(?P<kind>q)_proj": 6}"#, 6),
            (#"{"layers\\.[12]\\.self_attn\\.q_proj": 8}"#, 4),
            (#"{"model.layers.0.self_attn.q_proj": 8}"#, 8), (#"{"self_attn": 8}"#, 4),
        ] as [(String, Float)] {
            let file = #"""
                {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "rank_pattern": {"down_proj": 3, "q_proj": 1}, "alpha_pattern": \#(text),
                "target_modules": ["q_proj", "v_proj", "down_proj"]}
                """#
            try withTemporaryFolder { folder in
                let array = "adapter_model.safetensors"
                try FileManager.default.copyItem(
                    at: AdapterFixture.folder("regex").appending(component: array),
                    to: folder.appending(component: array))
                try file.write(
                    to: folder.appending(component: "adapter_config.json"), atomically: true, encoding: .utf8)
                let adapter = try ModelDirectory(folder).adapter(for: try ParityRun.model())
                #expect(adapter.maps.first?.alpha == alpha, "\(text)")
            }
        }
    }

    /// `(a+)+b` takes exponential time in a matcher that goes back.
    @Test func aPatternThatTakesForeverIsRefused() throws {
        let pattern = "(m|mo|o|de|d|e|l|[a-z._0]+)+!"
        #expect(throws: ModelDirectoryError.self) { try read(["alpha_pattern": [pattern: 3]]) }
    }
}
