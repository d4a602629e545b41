import NeuralCore

/// The tensors of a model's parameters in a GGUF file.
///
/// They have the names and the shapes of ``Transformer`` or ``JoinedParameters``, with four differences. The channels of a
/// head of queries or keys that rotate together stand beside each other in some architectures, not half a head apart.
/// The joined map of gpt_neox has all queries, then all keys, then all values. The scales of gemma's normalizations are
/// whole, not their difference from one. And the matrices of all experts of a layer are one tensor, `[experts, …]`.
struct GGUFNames {
    let configuration: TransformerConfiguration
    let architecture: GGUFArchitecture

    init(configuration: TransformerConfiguration) {
        self.configuration = configuration
        architecture = configuration.family.gguf
    }

    /// The tensor of a parameter, named as ``Transformer`` or ``JoinedParameters`` has it; and which part of it the
    /// parameter is, where it is one expert's.
    func place(of parameter: String) -> (name: String, part: GGUFPart?) {
        if let whole = Self.wholeNames[parameter] { return (whole, nil) }
        var parts = parameter.split(separator: ".")
        // model.layers.0.self_attn.q_proj.weight, transformer.h.0.attn.c_attn.weight
        guard parts.count > 4 else { misuse("the parameter \(parameter) has no name in a GGUF file") }
        var part: GGUFPart?
        // model.layers.0.mlp.experts.7.up_proj.weight
        if parts[4] == "experts", let number = Int(parts[5]), let count = configuration.experts?.count {
            part = GGUFPart(number: number, count: count)
            parts.remove(at: 5)
        }
        let own = parts[3...].dropLast().joined(separator: ".")
        let isBefore = configuration.family.design.place == .before
        guard let module = (isBefore ? nil : Self.outputNormNames[own]) ?? Self.moduleNames[own] else {
            misuse("the parameter \(parameter) has no name in a GGUF file")
        }
        return ("blk.\(parts[2]).\(module).\(parts[parts.count - 1])", part)
    }

    /// Returns whether a tensor is the map to the logits of experts, which is kept in 32 bits.
    static func isRouter(_ name: String) -> Bool { name.contains(".ffn_gate_inp.") }

    private static let wholeNames = [
        "model.embed_tokens.weight": "token_embd.weight", "transformer.wte.weight": "token_embd.weight",
        "transformer.wpe.weight": "position_embd.weight", "lm_head.weight": head,
        "model.norm.weight": "output_norm.weight",
        "transformer.ln_f.weight": "output_norm.weight", "transformer.ln_f.bias": "output_norm.bias",
        "gpt_neox.embed_in.weight": "token_embd.weight", "embed_out.weight": head,
        "gpt_neox.final_layer_norm.weight": "output_norm.weight",
        "gpt_neox.final_layer_norm.bias": "output_norm.bias",
    ]

    private static let moduleNames = [
        "input_layernorm": "attn_norm", "ln_1": "attn_norm",
        "post_attention_layernorm": "ffn_norm", "ln_2": "ffn_norm", "pre_feedforward_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
        "self_attn.qkv_proj": "attn_qkv", "attention.query_key_value": "attn_qkv",
        "attention.dense": "attn_output",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.c_fc": "ffn_up",
        "mlp.gate_up_proj": "ffn_up", "mlp.dense_h_to_4h": "ffn_up",
        "mlp.down_proj": "ffn_down", "mlp.c_proj": "ffn_down", "mlp.dense_4h_to_h": "ffn_down",
        "mlp.gate": "ffn_gate_inp", "mlp.experts.gate_proj": "ffn_gate_exps",
        "mlp.experts.up_proj": "ffn_up_exps", "mlp.experts.down_proj": "ffn_down_exps",
    ]

    /// Where what a branch gives is normalized.
    private static let outputNormNames = [
        "post_attention_layernorm": "post_attention_norm", "post_feedforward_layernorm": "post_ffw_norm",
    ]

    static let head = "output.weight"
    static let embedding = "token_embd.weight"
    /// The tensor of the divisors of the rotary frequencies, in models with scaled rotation.
    static let frequencyFactors = "rope_freqs.weight"
    /// Those of phi3, in texts within the original context and beyond it.
    static let shortFactors = "rope_factors_short.weight"
    static let longFactors = "rope_factors_long.weight"

    /// The tensors of divisors that the architecture has a place for.
    var factors: [String] {
        switch configuration.family {
        case .gpt2: []
        case .phi3: [Self.shortFactors, Self.longFactors]
        default: [Self.frequencyFactors]
        }
    }

    /// A parameter as its tensor holds it.
    func stored(_ parameter: Tensor, named name: String) -> Tensor {
        if isFromOne(name) { return parameter + 1 }
        guard let places = places(in: name) else { return parameter }
        var rows = places
        for (row, place) in places.enumerated() { rows[Int(place)] = Int32(row) }
        return parameter.rows(at: rows)
    }

    /// The parameter that a tensor holds.
    func parameter(_ stored: Tensor, named name: String) -> Tensor {
        if isFromOne(name) { return stored - 1 }
        return places(in: name).map { stored.rows(at: $0) } ?? stored
    }

    /// Returns whether a tensor holds the channels of its parameter in another order.
    func isReordered(_ name: String) -> Bool { places(in: name) != nil }

    /// Whether a tensor holds scales that are stored here as their difference from one.
    private func isFromOne(_ name: String) -> Bool {
        configuration.family.design.normalizing == .rootMeanSquareFromOne && name.contains("norm.")
    }

    /// The row of a tensor that holds each row of its parameter; nil where they are in the same order.
    private func places(in name: String) -> [Int32]? {
        let (heads, size) = (configuration.heads, configuration.headSize)
        if name.contains(".attn_qkv."), configuration.family.joinedNames?.joinsByHeads == true {
            return JoinedParameters.rowsByHead(parts: 3, heads: heads, headSize: size)
        }
        guard architecture.rotatesNeighbors else { return nil }
        if name.contains(".attn_q.") { return Self.neighbors(heads: heads, size: size) }
        guard name.contains(".attn_k.") else { return nil }
        return Self.neighbors(heads: configuration.keyValueHeads, size: size)
    }

    /// For each channel, its place among those of its head when pairs half a head apart stand beside each other.
    private static func neighbors(heads: Int, size: Int) -> [Int32] {
        (0..<heads).flatMap { head in
            (0..<size).map { Int32(head * size + 2 * ($0 % (size / 2)) + $0 / (size / 2)) }
        }
    }
}
