package import NeuralCore

/// The parameters of a model under the names and in the shapes of a family whose checkpoints join linear maps that stand by
/// themselves here: those to queries, keys and values, and those to the gate and the map that it gates.
package struct JoinedParameters: Module {
    var tokens: Embedding
    var positions: Embedding?
    var blocks: [Block]
    var norm: Normalization
    var head: Tensor?
    var storedHead: StoredMatrix?
    private let names: JoinedNames

    struct Block: Module {
        var attentionNorm: Normalization?
        var queryKeyValue: Linear
        var attentionOutput: Linear
        var feedForwardNorm: Normalization?
        /// With the gate before it, if there is one.
        var up: Linear
        var down: Linear
        private let names: JoinedNames
        private let heads: Int

        init(_ block: TransformerBlock, _ names: JoinedNames, heads: Int) {
            guard let feedForward = block.feedForward else {
                misuse("a family that joins maps has no experts")
            }
            (self.names, self.heads) = (names, heads)
            attentionNorm = block.attentionNorm
            let maps = [block.attention.query, block.attention.key, block.attention.value]
            queryKeyValue = Linear(joining: maps, byHeads: names.joinsByHeads ? heads : nil)
            attentionOutput = block.attention.output
            feedForwardNorm = block.feedForwardNorm
            up = Linear(joining: [feedForward.gate, feedForward.up].compactMap(\.self))
            down = feedForward.down
        }

        func restore(into block: inout TransformerBlock) {
            block.attentionNorm = attentionNorm
            let maps = [block.attention.query, block.attention.key, block.attention.value]
            let parts = queryKeyValue.parts(maps.map(\.outputs), byHeads: names.joinsByHeads ? heads : nil)
            (block.attention.query, block.attention.key, block.attention.value) = (
                parts[0], parts[1], parts[2]
            )
            block.attention.output = attentionOutput
            block.feedForwardNorm = feedForwardNorm
            if let gate = block.feedForward?.gate {
                let parts = up.parts([gate.outputs, up.outputs - gate.outputs])
                block.feedForward?.gate = parts[0]
                block.feedForward?.up = parts[1]
            } else {
                block.feedForward?.up = up
            }
            block.feedForward?.down = down
        }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&attentionNorm, named: names.attentionNorm)
            visitor.visit(&queryKeyValue, named: names.queryKeyValue)
            visitor.visit(&attentionOutput, named: names.attentionOutput)
            visitor.visit(&feedForwardNorm, named: names.feedForwardNorm)
            visitor.visit(&up, named: names.up)
            visitor.visit(&down, named: names.down)
        }
    }

    /// The parameters of a model of a family that joins maps.
    package init(_ model: Transformer) {
        self.init(model) { block in model.blocks.map(block) }
    }

    /// The parameters of a model that are about to be loaded, when its blocks are all alike.
    init(uninitialized model: Transformer) {
        self.init(model) { block in
            let first = model.blocks.first.map(block)
            return first.map { Array(repeating: $0, count: model.blocks.count) } ?? []
        }
    }

    private init(_ model: Transformer, blocks: ((TransformerBlock) -> Block) -> [Block]) {
        guard let names = model.configuration.family.joinedNames else {
            misuse("the \(model.configuration.family) family joins no maps")
        }
        self.names = names
        tokens = model.embedding
        positions = model.positions
        self.blocks = blocks { Block($0, names, heads: model.configuration.heads) }
        norm = model.norm
        head = model.separateHead
        storedHead = model.storedHead
    }

    /// Gives a model of the same configuration these parameters.
    consuming func restore(into model: inout Transformer) {
        model.embedding = tokens
        model.positions = positions
        model.norm = norm
        model.separateHead = head
        model.storedHead = storedHead
        // From the last, so that no block is held twice.
        while let block = blocks.popLast() { block.restore(into: &model.blocks[blocks.count]) }
    }

    /// For each row of a map that is joined head by head, its row where the parts follow one another whole.
    static func rowsByHead(parts: Int, heads: Int, headSize: Int) -> [Int32] {
        (0..<heads).flatMap { head in
            (0..<parts).flatMap { part in
                (0..<headSize).map { Int32((part * heads + head) * headSize + $0) }
            }
        }
    }

    package mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.enter(names.model)
        visitor.visit(&tokens, named: names.embedding)
        visitor.visit(&positions, named: names.positions)
        visitor.visit(&blocks, named: names.blocks)
        visitor.visit(&norm, named: names.norm)
        visitor.leave()
        visitor.visit(&head, or: &storedHead, named: names.head)
    }
}

/// The names of a family that joins maps.
package struct JoinedNames: Sendable {
    package var model = "model", embedding = "embed_tokens", positions = "embed_positions"
    package var blocks = "layers", attentionNorm = "input_layernorm", queryKeyValue = "self_attn.qkv_proj"
    package var attentionOutput = "self_attn.o_proj", feedForwardNorm = "post_attention_layernorm"
    package var up = "mlp.gate_up_proj", down = "mlp.down_proj", norm = "norm", head = "lm_head.weight"
    /// Whether the rows of a joined map are grouped by head: each head's query, key and value rows follow one another.
    package var joinsByHeads = false
    /// Whether linear maps are stored transposed.
    package var transposes = false

    /// Returns the place of a parameter with one of these names.
    func place(_ name: String) -> ParameterLayout.Place {
        let maps = [queryKeyValue, attentionOutput, up, down]
        return .init(
            key: name, isTransposed: transposes && maps.contains { name.hasSuffix(".\($0).weight") })
    }
}

extension TransformerConfiguration.Family {
    /// Whether the checkpoints of this family join linear maps.
    package var joinsMaps: Bool { joinedNames != nil }

    /// The names of this family's parameters, if it joins maps.
    package var joinedNames: JoinedNames? {
        switch self {
        case .phi3: JoinedNames()
        case .gpt2:
            JoinedNames(
                model: "transformer", embedding: "wte", positions: "wpe", blocks: "h", attentionNorm: "ln_1",
                queryKeyValue: "attn.c_attn", attentionOutput: "attn.c_proj", feedForwardNorm: "ln_2",
                up: "mlp.c_fc", down: "mlp.c_proj", norm: "ln_f", transposes: true)
        case .gptNeoX:
            JoinedNames(
                model: "gpt_neox", embedding: "embed_in", queryKeyValue: "attention.query_key_value",
                attentionOutput: "attention.dense", up: "mlp.dense_h_to_4h", down: "mlp.dense_4h_to_h",
                norm: "final_layer_norm", head: "embed_out.weight", joinsByHeads: true)
        default: nil
        }
    }
}

extension Linear {
    /// One map for several of the same inputs, whose outputs follow one another: map by map, or head by head.
    fileprivate init(joining maps: [Linear], byHeads heads: Int? = nil) {
        let order = heads.map {
            JoinedParameters.rowsByHead(parts: maps.count, heads: $0, headSize: maps[0].outputs / $0)
        }
        func joined(_ tensors: [Tensor]) -> Tensor? {
            guard tensors.count == maps.count else { return nil }
            let all = tensors.count == 1 ? tensors[0] : concatenated(tensors)
            return order.map { all.rows(at: $0) } ?? all
        }
        self.init(weight: joined(maps.map(\.weight))!, bias: joined(maps.compactMap(\.bias)))
    }

    /// The maps that were joined, of these outputs.
    fileprivate func parts(_ outputs: [Int], byHeads heads: Int? = nil) -> [Linear] {
        var map = self
        if let heads {
            let order = JoinedParameters.rowsByHead(
                parts: outputs.count, heads: heads, headSize: outputs[0] / heads)
            var back = order
            for (index, row) in order.enumerated() { back[Int(row)] = Int32(index) }
            map = map.reordered(back)
        }
        var begin = 0
        return outputs.map { count in
            defer { begin += count }
            return map.part(begin..<begin + count)
        }
    }
}
