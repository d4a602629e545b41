/// The extents of a tensor's axes, slowest first.
///
///     let activations: Shape = [tokens, channels]
///
/// The empty shape `[]` is a scalar's and has one element. An extent may be zero.
public struct Shape: Hashable, Sendable {
    /// The extents, slowest axis first.
    public let extents: [Int]

    /// Creates a shape with the given extents, each zero or more.
    public init(_ extents: [Int]) {
        for extent in extents where extent < 0 {
            misuse("a shape has an extent of \(extent) in \(extents); extents are zero or more")
        }
        self.extents = extents
    }

    /// The number of axes.
    public var rank: Int { extents.count }

    /// The number of elements: the product of the extents.
    public var count: Int { extents.reduce(1, *) }

    /// The extent of one axis; a negative number counts from the last axis.
    public subscript(axis: Int) -> Int {
        let index = axis < 0 ? axis + rank : axis
        guard extents.indices.contains(index) else {
            misuse("axis \(axis) of shape \(self), which has \(rank) axes")
        }
        return extents[index]
    }

    /// The extent of the last axis; 1 for a scalar.
    public var channels: Int { extents.last ?? 1 }

    /// The number of rows when every axis but the last is folded into one.
    public var rows: Int { extents.dropLast().reduce(1, *) }

    /// The shape with its last axis replaced.
    public func replacingChannels(with channels: Int) -> Shape {
        Shape(extents.dropLast() + [channels])
    }
}

extension Shape: ExpressibleByArrayLiteral {
    /// Creates a shape from its extents, slowest axis first.
    public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
    /// The extents in brackets, such as `[2, 3]`.
    public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}

/// Stops the program because a caller broke a documented precondition.
///
/// A `precondition` is silent in release builds; a shape error must say both shapes there too.
@inline(never)
package func misuse(_ message: @autoclosure () -> String) -> Never {
    fatalError(message())
}
