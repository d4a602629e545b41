/// A model, or a part of one: a struct of tensors that names its children.
///
///     struct Perceptron: Module {
///         var hidden: Linear
///         var output: Linear
///
///         mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
///             visitor.visit(&hidden, named: "hidden")
///             visitor.visit(&output, named: "output")
///         }
///     }
///
/// A module is a value. A copy is a snapshot that costs nothing until one of the two is trained further, which
/// makes a frozen reference, a checkpoint or a branch of an experiment one assignment.
public protocol Module: Sendable {
    /// Visits every parameter once, in a fixed order, under the name it has in a checkpoint.
    mutating func visitParameters(_ visitor: inout some ParameterVisitor)
}

/// Does something with each parameter of a model.
public protocol ParameterVisitor {
    /// Visits one parameter.
    mutating func visit(_ parameter: inout Tensor, named name: String)

    /// Visits a parameter that may be kept as a stored matrix, which does not learn, in place of its tensor.
    mutating func visit(_ matrix: inout Tensor, or stored: inout StoredMatrix?, named name: String)

    /// Tells that the parameters up to the matching `leave()` belong to the child of this name.
    mutating func enter(_ name: String)

    /// Tells that the child entered last is complete.
    mutating func leave()
}

extension ParameterVisitor {
    /// Visits the tensor.
    ///
    /// - Precondition: There is no stored matrix in its place: an optimizer or a writer that passed over it would leave
    ///   out a part of the model.
    public mutating func visit(_ matrix: inout Tensor, or stored: inout StoredMatrix?, named name: String) {
        stored?.refuseVisit(named: name)
        visit(&matrix, named: name)
    }

    /// Visits a parameter that may be absent, or be kept as a stored matrix.
    package mutating func visit(
        _ matrix: inout Tensor?, or stored: inout StoredMatrix?, named name: String
    ) {
        stored?.refuseVisit(named: name)
        if matrix != nil {
            visit(&matrix!, or: &stored, named: name)
            if stored != nil { matrix = nil }
        }
    }

    /// Visits the parameters of a child; their names begin with `name` and a dot.
    public mutating func visit(_ child: inout some Module, named name: String) {
        enter(name)
        child.visitParameters(&self)
        leave()
    }

    /// Visits the parameters of several children, named by their positions: `layers.0`, `layers.1`, …
    public mutating func visit(_ children: inout [some Module], named name: String) {
        enter(name)
        for index in children.indices { visit(&children[index], named: String(index)) }
        leave()
    }

    /// Visits a parameter that may be absent, such as a bias.
    public mutating func visit(_ parameter: inout Tensor?, named name: String) {
        if parameter != nil { visit(&parameter!, named: name) }
    }

    /// Visits a child that may be absent.
    public mutating func visit<Child: Module>(_ child: inout Child?, named name: String) {
        if child != nil { visit(&child!, named: name) }
    }
}

extension StoredMatrix {
    fileprivate func refuseVisit(named name: String) {
        misuse(
            "\(name), of shape \(shape), is stored as \(format) and does not learn: such a model can be neither trained nor written"
        )
    }
}

extension Module {
    /// Calls `body` with every parameter's full name, such as `layers.0.weight`, and its value, for reading or
    /// for changing in place.
    ///
    /// - Precondition: No parameter is kept as a stored matrix.
    public mutating func forEachParameter(_ body: (_ name: String, _ parameter: inout Tensor) -> Void) {
        forEachParameter(replacing: { _ in nil }, body)
    }

    /// Replaces the matrices for which `stored` has one by stored ones, which do not learn, and calls `body` with every other
    /// parameter's full name and value.
    package mutating func forEachParameter(
        replacing stored: (_ name: String) -> StoredMatrix?,
        _ body: (_ name: String, _ parameter: inout Tensor) -> Void
    ) {
        withoutActuallyEscaping(body) { body in
            withoutActuallyEscaping(stored) { stored in
                var visitor = NamingVisitor(body: body, stored: stored)
                visitParameters(&visitor)
            }
        }
    }

    /// Every parameter with its full name, in the order of the visit.
    public var parameters: [(name: String, value: Tensor)] {
        var copy = self
        var result: [(name: String, value: Tensor)] = []
        copy.forEachParameter { name, parameter in result.append((name, parameter)) }
        return result
    }

    /// The number of scalars in all parameters.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }
}

/// Keeps track of the path and hands each parameter to a closure.
private struct NamingVisitor: ParameterVisitor {
    let body: (String, inout Tensor) -> Void
    let stored: (String) -> StoredMatrix?
    private var path: [String] = []

    init(body: @escaping (String, inout Tensor) -> Void, stored: @escaping (String) -> StoredMatrix?) {
        self.body = body
        self.stored = stored
    }

    private func full(_ name: String) -> String {
        path.isEmpty ? name : path.joined(separator: ".") + "." + name
    }

    mutating func visit(_ parameter: inout Tensor, named name: String) { body(full(name), &parameter) }

    mutating func visit(_ matrix: inout Tensor, or stored: inout StoredMatrix?, named name: String) {
        let name = full(name)
        stored?.refuseVisit(named: name)
        if let replacement = self.stored(name) {
            stored = replacement
            matrix = Tensor(zeros: [0, 0])
        } else {
            body(name, &matrix)
        }
    }

    mutating func enter(_ name: String) { path.append(name) }

    mutating func leave() { path.removeLast() }
}
