import Foundation
import NeuralCore

/// A GPT written with the modules of this library, as `Fixtures/TwoLayerGPT/make_gpt.py` writes it in PyTorch.
struct TwoLayerGPT: Module {
    var tokens: Embedding
    var positions: Embedding
    var blocks: [Block]
    var norm: LayerNorm

    struct Block: Module {
        var attentionNorm: LayerNorm
        var feedForwardNorm: LayerNorm
        var query, key, value, output, up, down: Linear

        func callAsFunction(_ x: Tensor, over forest: Forest) -> Tensor {
            let n = attentionNorm(x)
            let attended = attention(
                query: query(n), key: key(n), value: value(n), over: forest, heads: 3, keyValueHeads: 3)
            let (stream, normalized) = feedForwardNorm(adding: output(attended), to: x)
            return stream + down(up(normalized).gelu(.tanh))
        }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&attentionNorm, named: "attention_norm")
            visitor.visit(&feedForwardNorm, named: "feed_forward_norm")
            visitor.visit(&query, named: "query")
            visitor.visit(&key, named: "key")
            visitor.visit(&value, named: "value")
            visitor.visit(&output, named: "output")
            visitor.visit(&up, named: "up")
            visitor.visit(&down, named: "down")
        }
    }

    /// A model of the fixture's shape, whose parameters are about to be loaded.
    init() {
        let width = 24
        func zeros(_ rows: Int, _ columns: Int) -> Tensor { Tensor(zeros: [rows, columns]) }
        func map(_ inputs: Int, _ outputs: Int) -> Linear {
            Linear(weight: zeros(outputs, inputs), bias: Tensor(zeros: [outputs]))
        }
        tokens = Embedding(weight: zeros(41, width))
        positions = Embedding(weight: zeros(16, width))
        blocks = (0..<2).map { _ in
            Block(
                attentionNorm: LayerNorm(channels: width), feedForwardNorm: LayerNorm(channels: width),
                query: map(width, width), key: map(width, width), value: map(width, width),
                output: map(width, width), up: map(width, 4 * width), down: map(4 * width, width))
        }
        norm = LayerNorm(channels: width)
    }

    func hidden(_ ids: [Int32], over forest: Forest) -> Tensor {
        var x = tokens(ids) + positions(forest.positions)
        for block in blocks { x = block(x, over: forest) }
        return norm(x)
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&tokens, named: "tokens")
        visitor.visit(&positions, named: "positions")
        visitor.visit(&blocks, named: "blocks")
        visitor.visit(&norm, named: "norm")
    }
}
