package import NeuralCore

/// The parameters of a gpt2 model under the names and in the shapes of its checkpoints.
///
/// There, the maps to queries, keys and values are one map, and every linear map is stored transposed.
package struct GPT2Parameters: Module {
    var tokens: Embedding
    var positions: Embedding
    var blocks: [Block]
    var norm: Normalization
    var head: Tensor?

    struct Block: Module {
        var attentionNorm: Normalization?
        var queryKeyValue: Linear
        var attentionOutput: Linear
        var feedForwardNorm: Normalization?
        var up: Linear
        var down: Linear

        init(_ block: TransformerBlock) {
            let maps = [block.attention.query, block.attention.key, block.attention.value]
            attentionNorm = block.attentionNorm
            queryKeyValue = Linear(
                weight: concatenated(maps.map(\.weight)), bias: concatenated(maps.compactMap(\.bias)))
            attentionOutput = block.attention.output
            feedForwardNorm = block.feedForwardNorm
            up = block.feedForward.up
            down = block.feedForward.down
        }

        func restore(into block: inout TransformerBlock) {
            let width = block.attention.query.outputs
            func part(_ index: Int) -> Linear {
                let rows = index * width..<(index + 1) * width
                return Linear(weight: queryKeyValue.weight[rows], bias: queryKeyValue.bias?[rows])
            }
            block.attentionNorm = attentionNorm
            (block.attention.query, block.attention.key, block.attention.value) = (part(0), part(1), part(2))
            block.attention.output = attentionOutput
            block.feedForwardNorm = feedForwardNorm
            block.feedForward.up = up
            block.feedForward.down = down
        }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&attentionNorm, named: "ln_1")
            visitor.visit(&queryKeyValue, named: "attn.c_attn")
            visitor.visit(&attentionOutput, named: "attn.c_proj")
            visitor.visit(&feedForwardNorm, named: "ln_2")
            visitor.visit(&up, named: "mlp.c_fc")
            visitor.visit(&down, named: "mlp.c_proj")
        }
    }

    /// The parameters of a model of the gpt2 family.
    package init(_ model: Transformer) {
        guard let positions = model.positions else {
            misuse("a model of the \(model.configuration.family) family has no gpt2 parameters")
        }
        tokens = model.embedding
        self.positions = positions
        blocks = model.blocks.map(Block.init)
        norm = model.norm
        head = model.separateHead
    }

    /// Gives a model of the same configuration these parameters.
    func restore(into model: inout Transformer) {
        model.embedding = tokens
        model.positions = positions
        for index in blocks.indices { blocks[index].restore(into: &model.blocks[index]) }
        model.norm = norm
        model.separateHead = head
    }

    package mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.enter("transformer")
        visitor.visit(&tokens, named: "wte")
        visitor.visit(&positions, named: "wpe")
        visitor.visit(&blocks, named: "h")
        visitor.visit(&norm, named: "ln_f")
        visitor.leave()
        visitor.visit(&head, named: "lm_head.weight")
    }

    /// Linear maps are stored transposed.
    static let layout = ParameterLayout(place)

    @Sendable static func place(_ name: String) -> ParameterLayout.Place {
        .init(key: name, isTransposed: name.contains(".c_") && name.hasSuffix(".weight"))
    }
}
