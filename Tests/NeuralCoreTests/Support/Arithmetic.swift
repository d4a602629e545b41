import NeuralCore

/// The product of equal shapes, as the plainest recorded operation there is.
func product(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (left, right) = (a.detached, b.detached)
    return recorded(multiplied(left, right), from: [a, b]) { cotangent in
        [multiplied(cotangent, right), multiplied(cotangent, left)]
    }
}

/// The sum of all elements.
func total(_ x: Tensor) -> Tensor {
    let shape = x.shape
    return recorded(Tensor(x.scalars.reduce(0, +)), from: [x]) { cotangent in
        [Tensor(repeating: cotangent.item(), shape: shape)]
    }
}

private func multiplied(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(zip(a.scalars, b.scalars).map(*), shape: a.shape)
}

/// Two vectors to be learned.
struct Pair: Module {
    var first: Tensor
    var second: Tensor

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&first, named: "first")
        visitor.visit(&second, named: "second")
    }
}
