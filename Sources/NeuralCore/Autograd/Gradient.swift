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

    init(of model: Model, leaves: [Edge.ID], gradients: inout [Edge.ID: Tensor]) {
        values = model
        var position = 0
        values.forEachParameter { _, parameter in
            parameter = gradients.removeValue(forKey: leaves[position]) ?? Tensor(zeros: parameter.shape)
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
