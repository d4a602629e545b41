/// One kind of state tensor for every parameter, made when first asked for.
struct ParameterStates: Sendable {
    let kind: String
    private var tensors: [String: Tensor] = [:]

    init(_ kind: String) { self.kind = kind }

    /// Calls `body` with the state of one parameter, zero at first, for changing in place.
    mutating func update(_ name: String, shape: Shape, _ body: (inout Tensor) -> Void) {
        // Taken out while it is changed, so that nothing else shares its elements.
        var tensor = tensors.removeValue(forKey: name) ?? Tensor(zeros: shape)
        guard tensor.shape == shape else {
            misuse("the optimizer's \(kind) of \(name) has shape \(tensor.shape), the parameter \(shape)")
        }
        body(&tensor)
        tensors[name] = tensor
    }

    /// The tensors under the names they have in a checkpoint.
    var stored: [String: Tensor] {
        get { Dictionary(uniqueKeysWithValues: tensors.map { ("\(kind).\($0.key)", $0.value) }) }
        set {
            let prefix = kind + "."
            tensors = [:]
            for (key, tensor) in newValue where key.hasPrefix(prefix) {
                tensors[String(key.dropFirst(prefix.count))] = tensor
            }
        }
    }
}

extension Module {
    /// Calls `body` with every parameter and its gradient.
    mutating func forEachParameter(
        with gradient: Gradient<Self>,
        _ body: (_ name: String, _ parameter: inout Tensor, _ gradient: Tensor) -> Void
    ) {
        let gradients = gradient.parameters
        var position = 0
        forEachParameter { name, parameter in
            guard position < gradients.count, gradients[position].value.shape == parameter.shape else {
                misuse(
                    "the gradient has \(gradients.count) parameters; at \(position) the model has \(name), \(parameter.shape)"
                )
            }
            body(name, &parameter, gradients[position].value)
            position += 1
        }
    }
}

/// Writing kernels over a parameter, its gradient and its state, on the threads of the pool.
extension Tensor {
    typealias Elements = UnsafeMutablePointer<Float>

    /// Changes this parameter and one state tensor, range by range.
    mutating func advance(
        along gradient: Tensor, with state: inout Tensor,
        _ kernel: (Elements, Elements, UnsafePointer<Float>, Range<Int>) -> Void
    ) {
        withUnsafeMutableBuffer { parameter in
            state.withUnsafeMutableBuffer { state in
                gradient.withUnsafeBuffer { gradient in
                    guard let p = parameter.baseAddress, let m = state.baseAddress,
                        let g = gradient.baseAddress
                    else { return }
                    parallelElements(parameter.count) { kernel(p, m, g, $0) }
                }
            }
        }
    }

    /// Changes this parameter and two state tensors, range by range.
    mutating func advance(
        along gradient: Tensor, with first: inout Tensor, _ second: inout Tensor,
        _ kernel: (Elements, Elements, Elements, UnsafePointer<Float>, Range<Int>) -> Void
    ) {
        second.withUnsafeMutableBuffer { second in
            guard let v = second.baseAddress else { return }
            advance(along: gradient, with: &first) { p, m, g, range in kernel(p, m, v, g, range) }
        }
    }
}
