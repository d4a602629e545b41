import NeuralCore

var random = RandomSource(seed: 42)
let x = Tensor(of: [64, 1], from: .uniform(in: -1..<1), using: &random)
var model = Linear(inputs: 1, outputs: 1, using: &random)
var optimizer = AdamW()
for _ in 0..<500 {
    let (loss, gradient) = valueWithGradient(at: model) { model in
        meanSquaredError(predictions: model(x), targets: 3 * x - 1)
    }
    optimizer.update(&model, along: gradient, learningRate: 0.05)
    if loss < 1e-8 { break }
}

// What the model has learned: y = 3 x − 1.
print("slope", model.weight.item(), "intercept", model.bias?.item() ?? 0)
