import Alignment
import LanguageModel
import NeuralCore

// A preference loss is a function of two scores; yours is as good as those that ship.
// This one is a squared hinge: it stops pulling once the preferred answer leads by 1/β.
let squaredHinge = PreferenceLoss { pairs in
    (1 - pairs.margin * pairs.beta).relu().squared()
}

// A model that knows nothing, and pairs in which the answer that goes up is preferred to the one that goes down.
var random = RandomSource(seed: 7)
let configuration = TransformerConfiguration(vocabularySize: 32, width: 64, depth: 2, contextLength: 32)
let model = Transformer(configuration, using: &random)
let pairs = (0..<16).map { start -> TokenizedPair in
    let first = Int32(start % 8 + 8)
    return TokenizedPair(
        prompt: [0, first], chosen: [first + 1, first + 2], rejected: [first - 1, first - 2])
}

// The same optimization with your loss, with DPO's, and with a mixture of both.
for (name, losses) in [
    ("squared hinge", [WeightedPreferenceLoss(squaredHinge)]),
    ("sigmoid (DPO)", [WeightedPreferenceLoss(.sigmoid)]),
    ("half of each", [WeightedPreferenceLoss(squaredHinge, weight: 0.5), .init(.sigmoid, weight: 0.5)]),
] {
    var dpo = DirectPreferenceOptimization(
        policy: model, beta: 0.5, losses: losses, schedule: .constant(1e-3))
    let first = dpo.step(on: pairs)
    for _ in 0..<40 { dpo.step(on: pairs) }
    let last = dpo.step(on: pairs)
    print(
        "\(name): loss \(first.loss) → \(last.loss),",
        "preferred in \(first.metrics["rewards/accuracies"] ?? 0) → \(last.metrics["rewards/accuracies"] ?? 0)"
    )
}
