import Alignment
import Foundation
import LanguageModel
import NeuralCore

extension Reader {
    /// Files of arrays, and folders that hold models.
    static let weights = [
        Reader(
            "safetensors", tokens: arrayTokens,
            seeds: { scratch in [try array(scratch), try model(scratch).weights] },
            repair: lengthOfHeader,
            read: { bytes, scratch in
                let file = try SafetensorsFile(scratch.file("a.safetensors", bytes))
                for key in file.keys {
                    _ = try? file.tensor(key)
                    _ = try? file.integers(key, as: Int64.self)
                }
            }),
        Reader(
            "safetensors-index",
            tokens: ["weight_map", "metadata", "total_size", "../x", "model-00001.safetensors"],
            seeds: { _ in
                [
                    Array(
                        #"{"metadata": {"total_size": 64}, "weight_map": {"a": "one.safetensors", "b": "one.safetensors"}}"#
                            .utf8)
                ]
            },
            read: { bytes, scratch in
                _ = scratch.file("one.safetensors", oneArray)
                let checkpoint = try Checkpoint(scratch.file("model.safetensors.index.json", bytes))
                for key in checkpoint.keys { _ = try checkpoint.tensor(key) }
            }),
        Reader(
            "model", tokens: configurationTokens,
            seeds: { scratch in [try model(scratch).configuration, try gpt2(scratch).configuration] },
            read: { bytes, scratch in
                if bytes.count % 2 == 0 {
                    _ = scratch.file("model.safetensors", try model(scratch).weights)
                } else {
                    _ = scratch.file("model.safetensors", try gpt2(scratch).weights)
                }
                _ = scratch.file("config.json", bytes)
                _ = try ModelDirectory(scratch.folder).transformer()
            }),
        Reader(
            "gguf",
            tokens: [
                "general.architecture", "general.alignment", "llama.block_count",
                "llama.attention.head_count",
                "tokenizer.ggml.pre", "tokenizer.ggml.scores", "tokenizer.ggml.model", "llama", "gpt2",
                "qwen3",
                "token_embd.weight", "output.weight", "rope_freqs.weight", "llama.rope.scaling.type",
                "linear", "yarn", "longrope", "qwen3.rope.scaling.factor", "llama.expert_count",
                "llama.expert_used_count", "qwen3moe.expert_feed_forward_length",
                "blk.0.ffn_gate_exps.weight", "blk.1.ffn_gate_inp.weight",
            ],
            seeds: { scratch in
                try [
                    "tiny-f32", "tiny-q8_0", "granite", "olmo2", "smollm3", "gemma2", "gemma3", "phi3",
                    "gptneox", "qwen3moe", "qwen3moe-q8_0", "mixtral", "qwen3-yarn",
                ].map { try scratch.fixture("LanguageModelTests/Fixtures/GGUF/\($0).gguf") }
            },
            read: { bytes, scratch in
                let file = scratch.file("a.gguf", bytes)
                let tokenizer = Result { try BytePairTokenizer(directory: file) }
                _ = try? TokenizerConfiguration(directory: file)
                _ = try ModelDirectory(file).transformer()
                _ = try tokenizer.get().encode("hello world")
            }),
    ]

    static let arrayTokens = [
        "dtype", "shape", "data_offsets", "__metadata__", "F32", "BF16", "F16", "F64", "I64", "I8", "U8",
        "BOOL", "F8_E4M3",
    ]

    static let oneArray: [UInt8] = {
        let header =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}"#
        return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 1, count: 10)
    }()

    private static func array(_ scratch: Scratch) throws -> [UInt8] { oneArray }

    /// The length before a header, made to end with its closing brace.
    @Sendable private static func lengthOfHeader(_ bytes: inout [UInt8]) {
        guard bytes.count > 8, let end = bytes.lastIndex(of: UInt8(ascii: "}")), end >= 8 else { return }
        withUnsafeBytes(of: UInt64(end - 7).littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
    }

    /// A model of the least size, as files.
    static func model(_ scratch: Scratch) throws -> (configuration: [UInt8], weights: [UInt8]) {
        try files(
            .init(vocabularySize: 8, width: 4, depth: 1, heads: 2, feedForwardWidth: 4, contextLength: 8),
            scratch)
    }

    static func gpt2(_ scratch: Scratch) throws -> (configuration: [UInt8], weights: [UInt8]) {
        try files(
            .init(
                family: .gpt2, vocabularySize: 8, width: 4, depth: 1, heads: 2, feedForwardWidth: 4,
                contextLength: 8),
            scratch)
    }

    private static func files(
        _ configuration: TransformerConfiguration, _ scratch: Scratch
    ) throws -> (configuration: [UInt8], weights: [UInt8]) {
        let folder = scratch.folder.appending(component: configuration.family.rawValue)
        if !FileManager.default.fileExists(atPath: folder.appending(component: "config.json").path) {
            var random = RandomSource(seed: 1)
            try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        }
        return (
            [UInt8](try Data(contentsOf: folder.appending(component: "config.json"))),
            [UInt8](try Data(contentsOf: folder.appending(component: "model.safetensors")))
        )
    }
}
