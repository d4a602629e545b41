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

    /// Tells that the parameters up to the matching `leave()` belong to the child of this name.
    mutating func enter(_ name: String)

    /// Tells that the child entered last is complete.
    mutating func leave()
}

extension ParameterVisitor {
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

extension Module {
    /// Calls `body` with every parameter's full name, such as `layers.0.weight`, and its value, for reading or
    /// for changing in place.
    public mutating func forEachParameter(_ body: (_ name: String, _ parameter: inout Tensor) -> Void) {
        withoutActuallyEscaping(body) { body in
            var visitor = NamingVisitor(body: body)
            visitParameters(&visitor)
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
    private var path: [String] = []

    init(body: @escaping (String, inout Tensor) -> Void) { self.body = body }

    mutating func visit(_ parameter: inout Tensor, named name: String) {
        body(path.isEmpty ? name : path.joined(separator: ".") + "." + name, &parameter)
    }

    mutating func enter(_ name: String) { path.append(name) }

    mutating func leave() { path.removeLast() }
}
