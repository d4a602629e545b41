package import NeuralCore

extension Transformer {
    /// Calls `body` with every linear map of every block, for reading or for changing in place.
    ///
    /// Their names are those of a llama checkpoint, such as `model.layers.0.self_attn.q_proj`.
    package mutating func forEachLinearMap(_ body: (_ name: String, _ map: inout Linear) -> Void) {
        for index in blocks.indices {
            let prefix = "model.layers.\(index)."
            body(prefix + "self_attn.q_proj", &blocks[index].attention.query)
            body(prefix + "self_attn.k_proj", &blocks[index].attention.key)
            body(prefix + "self_attn.v_proj", &blocks[index].attention.value)
            body(prefix + "self_attn.o_proj", &blocks[index].attention.output)
            if blocks[index].feedForward.gate != nil {
                body(prefix + "mlp.gate_proj", &blocks[index].feedForward.gate!)
            }
            body(prefix + "mlp.up_proj", &blocks[index].feedForward.up)
            body(prefix + "mlp.down_proj", &blocks[index].feedForward.down)
        }
    }

    /// The same model with what adapters add worked into its weights.
    package var merged: Transformer {
        var model = self
        model.forEachLinearMap { _, map in map = map.merged }
        return model
    }
}
