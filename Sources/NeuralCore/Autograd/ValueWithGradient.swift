/// The value of a loss and its gradient with respect to every parameter of a model.
///
///     let (loss, gradient) = valueWithGradient(at: model) { model in
///         meanSquaredError(predictions: model(inputs), targets: targets)
///     }
///     gradient.hidden.weight      // a tensor in the shape of model.hidden.weight
///
/// Only what is computed inside the closure from the model it is given is recorded. Other tensors are constants,
/// which is how a part of a model is frozen: differentiate at the part that is not. A tensor that escapes from the
/// closure is a plain value. Calls may be nested; within the inner one, what the outer one records is constant.
///
/// - Parameters:
///   - model: The point at which to differentiate.
///   - loss: Computes a scalar from the model; called once.
/// - Returns: The loss, and a gradient in the shape of the model. A parameter the loss does not depend on has
///   gradient zero.
/// - Throws: The error that `loss` throws.
/// - Precondition: The loss has one element.
public func valueWithGradient<M: Module, E: Error>(
    at model: M, _ loss: (_ model: M) throws(E) -> Tensor
) throws(E) -> (value: Float, gradient: Gradient<M>) {
    var gradients: [Tensor?] = model.parameters.map { _ in nil }
    let value = try valueWithGradients(at: model, loss) { gradients[$0] = $1 }
    return (value, Gradient(of: model, gradients.compactMap(\.self)))
}

/// The value of a loss, and its gradient with respect to each parameter as soon as the backward pass can add no more to it.
///
///     valueWithGradients(at: model) { model in loss(of: model) } each: { parameter, gradient in sums[parameter].add(gradient) }
///
/// - Parameters:
///   - model: The point at which to differentiate.
///   - loss: Computes a scalar from the model; called once.
///   - take: Called once for each parameter, by its place in the model's visit: first for those that the loss does not depend
///     on, whose gradient is zero, and then as a rule for the last first.
package func valueWithGradients<M: Module, E: Error>(
    at model: M, _ loss: (_ model: M) throws(E) -> Tensor,
    each take: (_ parameter: Int, _ gradient: Tensor) -> Void
) throws(E) -> Float {
    let recording = Recording()
    defer { recording.end() }
    var leaves: [Edge.ID] = []
    var result = try loss(model.watched(by: recording, leaves: &leaves))
    guard result.count == 1 else {
        misuse("the loss has shape \(result.shape); valueWithGradient needs a scalar")
    }
    let value = result.item()
    let shapes = model.parameters.map(\.value.shape)
    var edge = result.edge.take()
    if edge?.node.recording !== recording { edge = nil }
    let uses = edge?.usesOfLeaves ?? [:]
    var places: [Edge.ID: Int] = [:]
    for (place, leaf) in leaves.enumerated() {
        if uses[leaf] == nil { take(place, Tensor(zeros: shapes[place])) } else { places[leaf] = place }
    }
    if let edge = edge.take() {
        Backpropagation.forEachLeaf(from: edge, cotangent: Tensor(ones: result.shape), uses: uses) {
            if let place = places.removeValue(forKey: $0) { take(place, $1) }
        }
    }
    // Those that the loss depends on by operations through which no gradient flows.
    for place in places.values.sorted() { take(place, Tensor(zeros: shapes[place])) }
    return value
}

extension Module {
    /// The same model with every parameter standing for a leaf of `recording`.
    fileprivate func watched(by recording: Recording, leaves: inout [Edge.ID]) -> Self {
        var copy = self
        copy.forEachParameter { _, parameter in
            // The leaf is kept alive by the model handed to the closure and by the graph.
            let leaf = Edge(node: Node(recording: recording, inputs: [], pullback: nil), output: 0)
            leaves.append(leaf.id)
            parameter.edge = leaf
        }
        return copy
    }
}

/// A gradient in the shape of the model it belongs to.
///
///     gradient.blocks[0].attention.query.weight
///
/// Every parameter of the model has a tensor of its own shape here. Gradients of micro-batches add up:
///
///     gradient += valueWithGradient(at: model) { … }.gradient
@dynamicMemberLookup
public struct Gradient<Model: Module>: Sendable {
    /// The model with gradients in place of its parameters.
    package var values: Model

    /// The gradient of a part of the model.
    public subscript<Part>(dynamicMember part: KeyPath<Model, Part>) -> Part { values[keyPath: part] }

    /// A gradient from those of all parameters, in the order of the model's visit.
    init(of model: Model, _ gradients: [Tensor]) {
        values = model
        var position = 0
        values.forEachParameter { _, parameter in
            parameter = gradients[position]
            position += 1
        }
    }

    /// Calls `body` with every parameter's name and gradient, in the order of the model's visit.
    public mutating func forEachParameter(_ body: (_ name: String, _ gradient: inout Tensor) -> Void) {
        values.forEachParameter(body)
    }

    /// The gradients by parameter, in the order of the model's visit.
    public var parameters: [(name: String, value: Tensor)] { values.parameters }

    /// Adds the gradient of another micro-batch, in place.
    public static func += (sum: inout Gradient, other: Gradient) {
        let addends = other.values.parameters
        var position = 0
        sum.forEachParameter { _, gradient in
            gradient.add(addends[position].value)
            position += 1
        }
    }
}
