import NeuralCore

/// The names of a model's parameters in a GGUF file.
///
/// The tensors have the shapes of the parameters, but for the queries and keys of the llama architecture: there the
/// channels of a head that rotate together stand beside each other, not half a head apart.
struct GGUFNames {
    let configuration: TransformerConfiguration

    /// The families that are written and read.
    static let families: [TransformerConfiguration.Family] = [.gpt2, .llama, .mistral, .qwen2, .qwen3]

    /// The architecture's name in llama.cpp.
    static func architecture(of family: TransformerConfiguration.Family) -> String {
        // llama.cpp computes a mistral model as a llama.
        family == .mistral ? "llama" : family.rawValue
    }

    /// The tensor of a parameter, named as ``Transformer`` or, in gpt2, ``JoinedParameters`` has it.
    static func name(of parameter: String) -> String {
        if let whole = wholeNames[parameter] { return whole }
        let parts = parameter.split(separator: ".")
        // model.layers.0.self_attn.q_proj.weight, transformer.h.0.attn.c_attn.weight
        guard parts.count > 4, let module = moduleNames[parts[3...].dropLast().joined(separator: ".")] else {
            misuse("the parameter \(parameter) has no name in a GGUF file")
        }
        return "blk.\(parts[2]).\(module).\(parts[parts.count - 1])"
    }

    private static let wholeNames = [
        "model.embed_tokens.weight": "token_embd.weight", "transformer.wte.weight": "token_embd.weight",
        "transformer.wpe.weight": "position_embd.weight", "lm_head.weight": head,
        "model.norm.weight": "output_norm.weight",
        "transformer.ln_f.weight": "output_norm.weight", "transformer.ln_f.bias": "output_norm.bias",
    ]

    private static let moduleNames = [
        "input_layernorm": "attn_norm", "ln_1": "attn_norm",
        "post_attention_layernorm": "ffn_norm", "ln_2": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.c_fc": "ffn_up",
        "mlp.down_proj": "ffn_down", "mlp.c_proj": "ffn_down",
    ]

    static let head = "output.weight"
    static let embedding = "token_embd.weight"
    /// The tensor of the divisors of the rotary frequencies, in models with scaled rotation.
    static let frequencyFactors = "rope_freqs.weight"

    /// A parameter as its tensor holds it.
    func stored(_ parameter: Tensor, named name: String) -> Tensor {
        headsRotated(in: name).map { parameter.withPairs(ofHeads: $0, adjacent: true) } ?? parameter
    }

    /// The parameter that a tensor holds.
    func parameter(_ stored: Tensor, named name: String) -> Tensor {
        headsRotated(in: name).map { stored.withPairs(ofHeads: $0, adjacent: false) } ?? stored
    }

    /// Returns whether a tensor holds the channels of its parameter in another order.
    func isReordered(_ name: String) -> Bool { headsRotated(in: name) != nil }

    /// The heads of a tensor whose channels stand in another order; nil where they do not.
    private func headsRotated(in name: String) -> Int? {
        guard Self.architecture(of: configuration.family) == "llama" else { return nil }
        if name.contains(".attn_q.") { return configuration.heads }
        return name.contains(".attn_k.") ? configuration.keyValueHeads : nil
    }
}

extension Tensor {
    /// The rows of each head in the order in which those half a head apart stand beside each other, or the other way
    /// back.
    fileprivate func withPairs(ofHeads heads: Int, adjacent: Bool) -> Tensor {
        let rows = shape[0]
        let (rowCount, half) = (count / rows, rows / heads / 2)
        var result = Tensor(uninitialized: shape)
        result.withUnsafeMutableBuffer { out in
            withUnsafeBuffer { numbers in
                for row in 0..<rows {
                    let (head, channel) = (row / (2 * half), row % (2 * half))
                    let (side, pair) = (channel / half, channel % half)
                    let other = head * 2 * half + 2 * pair + side
                    let (from, to) = adjacent ? (row, other) : (other, row)
                    for column in 0..<rowCount {
                        out[to * rowCount + column] = numbers[from * rowCount + column]
                    }
                }
            }
        }
        return result
    }
}
