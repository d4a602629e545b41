import Foundation
import TestSupport
import Testing

/// A model with experts through the commands.
@Suite struct ExpertModelTests {
    /// Makes a model with experts, `experts`, of the one in `base`: each expert is its feed-forward layer, as in sparse
    /// upcycling, and the router is drawn.
    private func upcycle(in folder: URL, experts count: Int = 4) throws {
        let (base, target) = (folder.appending(component: "base"), folder.appending(component: "experts"))
        try FileManager.default.copyItem(at: base, to: target)
        let data = try Data(contentsOf: base.appending(component: "model.safetensors"))
        let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any])
        var (arrays, bytes, width) = ([String: Any](), Data(), 0)
        func add(_ name: String, _ shape: [Int], _ contents: Data) {
            arrays[name] = [
                "dtype": "F32", "shape": shape, "data_offsets": [bytes.count, bytes.count + contents.count],
            ]
            bytes += contents
        }
        for (name, value) in header.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
            let array = try #require(value as? [String: Any])
            let shape = try #require(array["shape"] as? [Int])
            let range = try #require(array["data_offsets"] as? [Int])
            let contents = Data(data[8 + length + range[0]..<8 + length + range[1]])
            if name.hasSuffix("input_layernorm.weight") { width = shape[0] }
            let parts = name.components(separatedBy: ".mlp.")
            guard parts.count == 2 else {
                add(name, shape, contents)
                continue
            }
            for expert in 0..<count { add("\(parts[0]).mlp.experts.\(expert).\(parts[1])", shape, contents) }
        }
        let router = (0..<count * width).flatMap { index -> [UInt8] in
            let bits = (Float(index * 37 % 101) / 50 - 1).bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
        add("model.layers.0.mlp.gate.weight", [count, width], Data(router))
        let text = try JSONSerialization.data(withJSONObject: arrays, options: .sortedKeys)
        let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        try (Data(size) + text + bytes).write(to: target.appending(component: "model.safetensors"))

        let file = target.appending(component: "config.json")
        var keys = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        keys["model_type"] = "qwen3_moe"
        keys["architectures"] = ["Qwen3MoeForCausalLM"]
        keys["moe_intermediate_size"] = keys["intermediate_size"]
        (keys["num_experts"], keys["num_experts_per_tok"], keys["norm_topk_prob"]) = (count, 2, true)
        (keys["output_router_logits"], keys["router_aux_loss_coef"]) = (true, 0.01)
        try JSONSerialization.data(withJSONObject: keys).write(to: file)
    }

    @discardableResult
    private func run(
        _ arguments: [String], in folder: URL, code: Int32 = 0
    ) throws -> HoneProcess.Outcome {
        let outcome = try HoneProcess(arguments, in: folder).outcome()
        #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
        return outcome
    }

    /// The figures of the steps of a run.
    private func figures(_ run: String, _ key: String, in folder: URL) throws -> [Double] {
        try String(contentsOf: folder.appending(path: "\(run)/metrics.jsonl"), encoding: .utf8)
            .split(separator: "\n").compactMap { line in
                let record = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return record?[key] as? Double
            }
    }

    @Test func everyCommandTakesAModelWithExperts() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try upcycle(in: folder)
            // Equal experts, whose weights add up to one, are the layer that they were copied from.
            let texts = folder.appending(component: "texts.jsonl")
            try Data(#"{"text":"the bread is baked by Ada before dawn"}"#.utf8).write(to: texts)
            func score(_ model: String) throws -> Double {
                let line = try run(["score", "--model", model, "--json", "texts.jsonl"], in: folder).output
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["log_probability"] as? Double)
            }
            let layer = try score("base")
            #expect(abs(try score("experts") - layer) < 1e-3)
            try run(["export", "experts", "--gguf", "experts.gguf", "--type", "f32"], in: folder)
            #expect(abs(try score("experts.gguf") - layer) < 1e-3)

            try run(
                [
                    "pretrain", "--model", "experts", "--corpus", "text.txt", "--context", "32", "--batch",
                    "4", "--steps", "4", "--router-z-loss", "0.001", "--output", "more",
                ], in: folder)
            #expect(try figures("more", "aux_loss", in: folder).count == 4)
            #expect(try figures("more", "router_z_loss", in: folder).count == 4)
            try run(
                tinyTuning(of: "more", to: "tuned", steps: 2) + ["--router-aux-loss", "0"], in: folder)
            #expect(try figures("tuned", "aux_loss", in: folder) == [])
            try run(
                tinyTuning(of: "more", to: "adapter", steps: 2) + ["--lora-rank", "2"], in: folder)
            #expect(try figures("adapter", "aux_loss", in: folder).count == 2)
            for model in ["more", "tuned", "adapter"] {
                try run(
                    ["generate", "--model", model, "--prompt", "Ada", "--max-tokens", "4"], in: folder)
            }
            for format in ["bfloat16", "int8", "int4"] {
                try run(["score", "--model", "tuned", "--weights", format, "texts.jsonl"], in: folder)
            }
            try run(
                [
                    "dpo", "--model", "tuned", "--data", "pairs.jsonl", "--batch", "4", "--steps", "2",
                    "--output", "dpo",
                ], in: folder)
        }
    }

    @Test func whatAModelHasNoUseForIsRefused() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            try upcycle(in: folder)
            let none = try run(
                tinyTuning(of: "base", to: "a", steps: 1) + ["--router-z-loss", "0.001"], in: folder, code: 64
            )
            #expect(none.errors.contains("--router-z-loss: the model has no experts"))
            let reward = try run(
                [
                    "reward", "--model", "experts", "--data", "pairs.jsonl", "--steps", "1",
                    "--router-aux-loss", "0.1", "--output", "b",
                ], in: folder, code: 64)
            #expect(reward.errors.contains("--router-aux-loss"))
            let targets = try run(
                tinyTuning(of: "experts", to: "c", steps: 1)
                    + ["--lora-rank", "2", "--lora-targets", "q_proj,up_proj"], in: folder, code: 64)
            #expect(targets.errors.contains("the model has no up_proj"))
        }
    }
}
