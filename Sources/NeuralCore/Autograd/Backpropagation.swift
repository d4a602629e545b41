/// Walks a graph from one value back to where it began, one node at a time.
///
/// A node's order exceeds that of everything it depends on, so visiting nodes in falling order meets each one
/// after all its consumers. Every node is dropped as soon as it has been consumed, and with it the activations
/// that only its pullback kept.
struct Backpropagation {
    /// A node that some gradient has reached.
    private struct Visit {
        let node: Node
        var cotangents: [Tensor?]
    }

    /// Visits still to be made, by order of their nodes.
    private var pending: [[Visit]] = []
    private var places: [ObjectIdentifier: Int] = [:]
    private let isBoundary: (Node) -> Bool
    private var gradients: [Edge.ID: Tensor] = [:]

    /// The gradients with respect to the values at the boundary.
    ///
    /// - Parameters:
    ///   - edge: The value to start from.
    ///   - cotangent: The gradient with respect to that value.
    ///   - isBoundary: Nodes at which the walk ends.
    static func gradients(
        from edge: consuming Edge, cotangent: consuming Tensor, until isBoundary: @escaping (Node) -> Bool
    ) -> [Edge.ID: Tensor] {
        var walk = Backpropagation(isBoundary: isBoundary)
        walk.deliver(cotangent, to: edge)
        walk.run()
        return walk.gradients
    }

    private init(isBoundary: @escaping (Node) -> Bool) { self.isBoundary = isBoundary }

    private mutating func run() {
        while !pending.isEmpty {
            guard var visit = pending[pending.count - 1].popLast() else {
                pending.removeLast()
                continue
            }
            places[ObjectIdentifier(visit.node)] = nil
            let inputs = visit.node.inputs
            var results = visit.node.pullback?(&visit.cotangents) ?? []
            for index in results.indices {
                guard let edge = inputs[index], let gradient = results[index].take() else { continue }
                deliver(gradient, to: edge)
            }
        }
    }

    private mutating func deliver(_ gradient: consuming Tensor, to edge: Edge) {
        if isBoundary(edge.node) {
            Self.add(gradient, to: &gradients[edge.id])
            return
        }
        let order = edge.node.order
        while pending.count <= order { pending.append([]) }
        let key = ObjectIdentifier(edge.node)
        if let place = places[key] {
            Self.add(gradient, to: &pending[order][place].cotangents[edge.output])
        } else {
            var cotangents = [Tensor?](repeating: nil, count: edge.node.outputs)
            cotangents[edge.output] = gradient
            places[key] = pending[order].count
            pending[order].append(Visit(node: edge.node, cotangents: cotangents))
        }
    }

    private static func add(_ gradient: consuming Tensor, to sum: inout Tensor?) {
        guard sum != nil else {
            sum = gradient.detached
            return
        }
        sum!.add(gradient)
    }
}
