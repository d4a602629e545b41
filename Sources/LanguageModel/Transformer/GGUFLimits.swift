import NeuralCore

/// What keeps a model from being computed by llama.cpp, which has keys for less than `config.json` may say.
struct GGUFLimits {
    let model: TransformerConfiguration
    let architecture: GGUFArchitecture
    /// The path of the file to be, for messages.
    let file: String

    /// Throws an error that names the key or tensor that has no form in the architecture.
    func check() throws(CheckpointError) {
        try checkBiases()
        try checkWindows()
        try checkRotation()
        try checkScales()
        try checkExperts()
        let (heads, size, width) = (model.heads, model.headSize, model.width)
        if architecture.headsSpanWidth, heads * size != width {
            throw unsupported(
                "attention.key_length", "\(heads) heads of \(size) channels in a model of \(width)",
                "heads that are as wide as the model together")
        }
        if architecture.head == .embedding, !model.tiesEmbeddings {
            throw .malformed(
                file: file, key: GGUFNames.head, found: "a language head of its own (tie_word_embeddings)",
                expected: "the embedding as the head in llama.cpp's \(architecture.name)")
        }
        if model.activation != model.family.design.activation {
            throw .malformed(
                file: file, key: "hidden_act", found: "GELU computed with tanh",
                expected: "gelu, as no key of a GGUF file says which is meant")
        }
    }

    private func unsupported(_ key: String, _ found: String, _ expected: String) -> CheckpointError {
        .malformed(
            file: file, key: key.hasSuffix(".weight") ? key : "\(architecture.name).\(key)", found: found,
            expected: "\(expected) in llama.cpp's \(architecture.name)")
    }

    private func checkBiases() throws(CheckpointError) {
        let (bias, taken) = (model.attentionBias, architecture.attentionBiases)
        if bias == .none, !taken.contains(.none) {
            throw .malformed(
                file: file, key: "attention_bias", found: "no bias of the attention",
                expected: "one in llama.cpp's \(architecture.name)")
        }
        if !taken.contains(bias) {
            let isOfOutput = taken.contains(.queryKeyValue)
            throw .malformed(
                file: file, key: isOfOutput ? "blk.0.attn_output.bias" : "blk.0.attn_q.bias",
                found: "a bias of the attention\(isOfOutput ? "'s output" : "") (attention_bias)",
                expected: "none in llama.cpp's \(architecture.name)")
        }
        if model.feedForwardBias, !architecture.takesFeedForwardBias {
            throw .malformed(
                file: file, key: "blk.0.ffn_up.bias", found: "a bias (mlp_bias)",
                expected: "none in llama.cpp's \(architecture.name)")
        }
    }

    private func checkWindows() throws(CheckpointError) {
        guard architecture.fullAttentionInterval == nil, let window = model.slidingWindow,
            window < model.contextLength
        else { return }
        throw .malformed(
            file: file, key: "\(architecture.name).attention.sliding_window", found: "\(window)",
            expected:
                "no window: llama.cpp lets every token of this architecture see all before it, which is the "
                + "same while max_position_embeddings is at most the window")
    }

    private func checkRotation() throws(CheckpointError) {
        let unrotated = architecture.unrotatedLayers(depth: model.depth)
        guard model.unrotatedLayers == unrotated else {
            throw .malformed(
                file: file, key: "no_rope_layers",
                found: "no rotation in layers \(model.unrotatedLayers.sorted())",
                expected: "none in layers \(unrotated.sorted()), counted from 0, as llama.cpp has it")
        }
        switch model.rotaryScaling {
        case .llama3? where !architecture.takesFrequencyFactors:
            throw unsupported(GGUFNames.frequencyFactors, "a scaling by llama3", "linear, yarn or no scaling")
        case .longrope? where model.family != .phi3:
            throw unsupported(GGUFNames.shortFactors, "a scaling by longrope", "linear, yarn or no scaling")
        case .yarn(let factor, _, let fast, let slow, _, let isRounded)?:
            if model.family == .phi3 {
                throw unsupported("rope.scaling.type", "a scaling by yarn", "longrope or no scaling")
            }
            if model.family == .gemma3, hasWindows {
                throw unsupported(
                    "rope.scaling.type", "a scaling by yarn", "no yarn beside layers with a window")
            }
            if factor < 1 { throw unsupported("rope.scaling.factor", "\(factor)", "1 or more") }
            // The keys for these are read for a few architectures, of which none is written.
            if fast != 32 { throw unsupported("rope.scaling.yarn_beta_fast", "\(fast)", "32") }
            if slow != 1 { throw unsupported("rope.scaling.yarn_beta_slow", "\(slow)", "1") }
            if !isRounded {
                throw .malformed(
                    file: file, key: "truncate", found: "false",
                    expected: "true, as llama.cpp rounds the bounds of yarn to whole pairs")
            }
        case .linear? where model.family == .gemma3 && model.slidingRotaryBase == nil && hasWindows:
            throw unsupported(
                "rope.freq_base_swa", "layers with a window and a scaled rotation",
                "scaling in the other layers alone")
        default: break
        }
    }

    /// All layers have experts, whose weights are divided by their sum.
    private func checkExperts() throws(CheckpointError) {
        guard architecture.hasExperts else { return }
        guard let experts = model.experts else {
            throw unsupported("expert_count", "no experts", "experts in every layer")
        }
        if experts.count > Self.mostExperts {
            throw unsupported("expert_count", "\(experts.count)", "at most \(Self.mostExperts)")
        }
        if !experts.normalizesWeights {
            throw .malformed(
                file: file, key: "norm_topk_prob", found: "false",
                expected: "true, as llama.cpp's \(architecture.name) has no key for it")
        }
        let dense = (0..<model.depth).filter { !model.hasExperts(inLayer: $0) }
        if !dense.isEmpty {
            throw .malformed(
                file: file, key: "mlp_only_layers", found: "no experts in layers \(dense)",
                expected: "experts in every layer, as llama.cpp's \(architecture.name) has them")
        }
    }

    /// llama.cpp ends at more.
    private static let mostExperts = 1024

    private var hasWindows: Bool { (0..<model.depth).contains { model.window(ofLayer: $0) != nil } }

    /// Granite alone has a key for the scale of scores.
    private func checkScales() throws(CheckpointError) {
        let usual = architecture.attentionScale(of: model)
        let scale = model.attentionScale ?? Float(1 / Double(model.headSize).squareRoot())
        if model.family != .granite, abs(scale - usual) > 2 * usual.ulp {
            throw .malformed(
                file: file, key: "query_pre_attn_scalar", found: "scores times \(scale)",
                expected: "times \(usual), as llama.cpp's \(architecture.name) has no key for it")
        }
        for (key, value, cap) in [
            ("attn_logit_softcapping", model.attentionSoftCap, architecture.caps.attention),
            ("final_logit_softcapping", model.logitSoftCap, architecture.caps.logits),
        ] where cap != .maybe && (value == nil) != (cap == .never) {
            throw unsupported(
                key, value.map { "\($0)" } ?? "no cap", cap == .never ? "no cap" : "a cap")
        }
    }
}
