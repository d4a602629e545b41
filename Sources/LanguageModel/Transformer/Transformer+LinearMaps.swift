package import NeuralCore

extension Transformer {
    /// Calls `body` with every linear map of every block that an adapter may be for: all but those of experts and their
    /// routers, which PEFT has no modules for. For reading or for changing in place.
    ///
    /// Their names are those of a llama checkpoint, such as `model.layers.0.self_attn.q_proj`.
    package mutating func forEachLinearMap(_ body: (_ name: String, _ map: inout Linear) -> Void) {
        for index in blocks.indices {
            let prefix = "model.layers.\(index)."
            body(prefix + "self_attn.q_proj", &blocks[index].attention.query)
            body(prefix + "self_attn.k_proj", &blocks[index].attention.key)
            body(prefix + "self_attn.v_proj", &blocks[index].attention.value)
            body(prefix + "self_attn.o_proj", &blocks[index].attention.output)
            blocks[index].feedForward?.forEachLinearMap(after: prefix + "mlp.", body)
        }
    }

    /// Calls `body` with every linear map of every block, experts and routers among them.
    mutating func forEachMatrix(_ body: (_ name: String, _ map: inout Linear) -> Void) {
        forEachLinearMap(body)
        for index in blocks.indices where blocks[index].experts != nil {
            let prefix = "model.layers.\(index).mlp."
            body(prefix + "gate", &blocks[index].experts!.router)
            for expert in blocks[index].experts!.experts.indices {
                blocks[index].experts!.experts[expert].forEachLinearMap(
                    after: prefix + "experts.\(expert).", body)
            }
        }
    }

    /// The same model with what adapters add worked into its weights.
    package var merged: Transformer {
        var model = self
        model.forEachLinearMap { _, map in map = map.merged }
        return model
    }
}

extension FeedForward {
    fileprivate mutating func forEachLinearMap(
        after prefix: String, _ body: (_ name: String, _ map: inout Linear) -> Void
    ) {
        if gate != nil { body(prefix + "gate_proj", &gate!) }
        body(prefix + "up_proj", &up)
        body(prefix + "down_proj", &down)
    }
}
