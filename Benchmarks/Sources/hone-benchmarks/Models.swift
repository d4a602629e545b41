import Foundation
import LanguageModel
import NeuralCore

/// The models that peers are measured with too.
enum BenchmarkModel: String, CaseIterable {
    /// 13.8 million parameters: 6 layers, width 384, 6 heads, SwiGLU of 1,024, vocabulary 8,192.
    case llama
    /// 1.1 million parameters, as what `hone quickstart` trains: 4 layers, width 128, 4 heads, SwiGLU of 384, vocabulary 2,048.
    case small
    /// GPT-2 of 124 million parameters.
    case gpt2

    var configuration: TransformerConfiguration {
        switch self {
        case .llama:
            TransformerConfiguration(
                family: .llama, vocabularySize: 8_192, width: 384, depth: 6, heads: 6, feedForwardWidth: 1_024
            )
        case .small:
            TransformerConfiguration(
                family: .qwen3, vocabularySize: 2_048, width: 128, depth: 4, heads: 4, feedForwardWidth: 384)
        case .gpt2:
            TransformerConfiguration(family: .gpt2, vocabularySize: 50_257, width: 768, depth: 12, heads: 12)
        }
    }

    /// The model with random weights, every matrix as the peers' scripts draw it, so that both sides come to about the
    /// same loss.
    func transformer(_ precision: MatrixPrecision) -> Transformer {
        var random = RandomSource(seed: 1)
        var model = Transformer(configuration, using: &random)
        model.forEachParameter { _, parameter in
            guard parameter.shape.rank == 2 else { return }
            parameter = Tensor(of: parameter.shape, from: .normal(standardDeviation: 0.02), using: &random)
        }
        model.precision = precision
        return model
    }

    /// Random tokens.
    func tokens(_ count: Int, using random: inout RandomSource) -> [Int32] {
        (0..<count).map { _ in Int32(random.integer(in: 1..<configuration.vocabularySize)) }
    }
}

/// The operands of attention, for its gradients.
struct AttentionOperands: Module {
    var query, key, value: Tensor

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&query, named: "query")
        visitor.visit(&key, named: "key")
        visitor.visit(&value, named: "value")
    }
}

/// The most memory that this process has had, in megabytes.
var peakMegabytes: Int {
    var usage = rusage()
    #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss >> 20
    #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
    #endif
}

/// Seconds of each of `rounds` runs of `body`, after two that are not counted.
func seconds(rounds: Int, _ body: () -> Void) -> [Double] {
    let clock = ContinuousClock()
    return (0..<(rounds + 2)).map { _ in
        let duration = clock.measure(body)
        return Double(duration.components.attoseconds) * 1e-18 + Double(duration.components.seconds)
    }.suffix(rounds)
}
