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

/// The memory of an optimizer that keeps one tensor for every parameter: Lion's and SGD's.
struct MomentumStates: Sendable {
    private var steps = 0
    private var tensors: ParameterStates

    init(_ kind: String) { tensors = ParameterStates(kind) }

    /// Changes a parameter and its momentum along its gradient, range by range.
    typealias Kernel = (Tensor.Elements, Tensor.Elements, UnsafePointer<Float>, Range<Int>) -> Void

    /// Takes one step.
    ///
    /// - Parameter kernel: Changes a parameter, given its learning rate and what its weight decay is multiplied by.
    mutating func step<M: Module>(
        _ model: inout M, along gradient: Gradient<M>, learningRate: Float, rule: ParameterRule,
        _ kernel: (_ rate: Float, _ decayScale: Float) -> Kernel
    ) {
        steps += 1
        model.forEachParameter(with: gradient) { name, parameter, gradient in
            let treatment = rule.treatment(name, parameter.shape)
            let kernel = kernel(learningRate * treatment.learningRateScale, treatment.weightDecayScale)
            tensors.update(name, shape: parameter.shape) { momentum in
                parameter.advance(along: gradient, with: &momentum, kernel)
            }
        }
    }

    /// The step count and the momentum.
    var state: OptimizerState {
        get { OptimizerState(steps: steps, tensors: tensors.stored) }
        set {
            steps = newValue.steps
            tensors.stored = newValue.tensors
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
