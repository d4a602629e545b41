import NeuralCore

extension TransformerConfiguration {
    /// Adds the keys of the model to a GGUF file, or throws an error that names a key that cannot express it.
    func add(to writer: inout GGUFWriter, file: String) throws(CheckpointError) {
        let architecture = family.gguf
        try GGUFLimits(model: self, architecture: architecture, file: file).check()
        func add(_ name: String, _ value: GGUFValue?) { writer.add("\(architecture.name).\(name)", value) }
        add("context_length", .integer(greatestContextLength))
        add("embedding_length", .integer(width))
        add("block_count", .integer(depth))
        // The experts of a llama have the width of its feed-forward layers.
        add("feed_forward_length", .integer(family == .mixtral ? experts?.width ?? 0 : feedForwardWidth))
        add("attention.head_count", .integer(heads))
        add("vocab_size", .integer(vocabularySize))
        let isByVariance = family.design.normalizing == .layer
        let epsilon = "attention.layer_norm_\(isByVariance ? "" : "rms_")epsilon"
        guard family != .gpt2 else { return add(epsilon, .number(Double(normalizationEpsilon))) }
        add("attention.head_count_kv", .integer(keyValueHeads))
        add("attention.key_length", .integer(headSize))
        add("attention.value_length", .integer(headSize))
        add(epsilon, .number(Double(normalizationEpsilon)))
        add("rope.dimension_count", .integer(rotatedChannels ?? headSize))
        add("rope.freq_base", .number(rotaryBase ?? 10_000))
        switch rotaryScaling {
        case .linear(let factor)?:
            add("rope.scaling.type", .text("linear"))
            add("rope.scaling.factor", .number(factor))
        case .llama3(_, _, _, let original)?:
            add("rope.scaling.original_context_length", .integer(original))
        case .longrope(_, _, let original, _, let attentionFactor)?:
            add("rope.scaling.original_context_length", .integer(original))
            add("rope.scaling.attn_factor", .number(attentionFactor))
        case .yarn(let factor, let original, _, _, let attentionFactor, _)?:
            add("rope.scaling.type", .text("yarn"))
            add("rope.scaling.factor", .number(factor))
            add("rope.scaling.original_context_length", .integer(original))
            let usual = GGUFRotation.yarnAttentionFactor(factor)
            if attentionFactor != usual { add("rope.scaling.attn_factor", .number(attentionFactor / usual)) }
        // Within the model's context dynamic changes nothing.
        case .dynamic?, nil: break
        }
        switch family {
        case .granite:
            add("attention.scale", .number(Double(attentionScale ?? architecture.attentionScale(of: self))))
            add("embedding_scale", .number(Double(embeddingMultiplier)))
            add("residual_scale", .number(Double(residualMultiplier)))
            add("logit_scale", .number(Double(logitDivisor)))
        case .gemma2, .gemma3:
            add("attn_logit_softcapping", attentionSoftCap.map { .number(Double($0)) })
            add("final_logit_softcapping", logitSoftCap.map { .number(Double($0)) })
            addWindows(architecture, add)
        case .phi3:
            // Zero is no window; without the key older versions assume one.
            add("attention.sliding_window", .integer(0))
        case .gptNeoX: add("use_parallel_residual", .bool(hasParallelBranches))
        case .qwen3MoE, .mixtral:
            add("expert_count", experts.map { .integer($0.count) })
            add("expert_used_count", experts.map { .integer($0.perToken) })
            if family == .qwen3MoE {
                add("expert_feed_forward_length", experts.map { .integer($0.width) })
            }
        default: break
        }
    }

    /// The context that the model was made for, of which a scaling by longrope leaves a part here.
    private var greatestContextLength: Int {
        if case .longrope(_, _, _, let length, _)? = rotaryScaling { return length }
        return contextLength
    }

    /// Layers with a window and a rotation of their own, in gemma2 and gemma3.
    private func addWindows(
        _ architecture: GGUFArchitecture, _ add: (_ name: String, _ value: GGUFValue?) -> Void
    ) {
        // llama.cpp has windows in every gemma2. One as long as the context changes nothing.
        let isSecond = family == .gemma2
        guard let window = slidingWindow ?? (isSecond ? contextLength : nil) else { return }
        let slides = (0..<depth).map { self.window(ofLayer: $0) != nil }
        guard isSecond || slides.contains(true) else { return }
        let full = Set((0..<depth).filter { !slides[$0] })
        if slides.contains(true) {
            add("attention.sliding_window", .integer(window))
            if full != architecture.fullAttentionLayers(depth: depth) {
                add("attention.sliding_window_pattern", .bools(slides))
            }
        } else {
            add("attention.sliding_window", .integer(contextLength))
        }
        if !isSecond { add("rope.freq_base_swa", .number(slidingRotaryBase ?? rotaryBase ?? 10_000)) }
    }
}
