import NeuralCore

/// A line y = slope · x + intercept, as a model of two parameters.
struct Line: Module {
    var slope = Tensor(0)
    var intercept = Tensor(0)

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&slope, named: "slope")
        visitor.visit(&intercept, named: "intercept")
    }
}

@main
struct FirstSteps {
    static func main() {
        var random = RandomSource(seed: 42)
        let noise = Tensor(of: [2, 3], from: .normal(), using: &random)
        print(noise)
        print(Line().parameters.map(\.name))
    }
}
