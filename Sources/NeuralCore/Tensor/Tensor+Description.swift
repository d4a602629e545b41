import Formatting
import Foundation

extension Tensor: CustomStringConvertible {
    /// The shape and the elements, rows aligned in columns; the middle of long axes is left out.
    ///
    ///     Tensor [2, 3]
    ///     [[ 1.0000,  2.0000,  3.0000],
    ///      [-4.0000,  5.0000,  6.0000]]
    public var description: String {
        if shape.rank == 0 { return "Tensor [] \(item())" }
        if count == 0 { return "Tensor \(shape)" }
        let printer = TensorPrinter(self)
        return "Tensor \(shape)\n" + printer.text(axis: 0, offset: 0, indent: 1)
    }
}

/// Lays out the elements of one tensor.
private struct TensorPrinter {
    /// Axes longer than this show their first and last elements only.
    static let longest = 8
    static let ends = 3

    let scalars: [Float]
    let extents: [Int]
    let strides: [Int]
    let usesExponents: Bool
    private(set) var width = 0

    init(_ tensor: Tensor) {
        scalars = tensor.scalars
        let extents = tensor.shape.extents
        self.extents = extents
        strides = extents.indices.map { extents[($0 + 1)...].reduce(1, *) }
        let magnitudes = scalars.lazy.filter { $0.isFinite && $0 != 0 }.map(abs)
        let largest = magnitudes.max() ?? 1
        usesExponents = largest >= 1e5 || largest < 1e-3
        width = shownOffsets(axis: 0, base: 0).map { formatted(scalars[$0]).count }.max() ?? 0
    }

    func text(axis: Int, offset: Int, indent: Int) -> String {
        if axis == extents.count {
            let number = formatted(scalars[offset])
            return String(repeating: " ", count: width - number.count) + number
        }
        let isLast = axis == extents.count - 1
        var parts: [String] = []
        for index in shownIndices(axis) {
            guard let index else {
                parts.append("…")
                continue
            }
            parts.append(text(axis: axis + 1, offset: offset + index * strides[axis], indent: indent + 1))
        }
        let separator = isLast ? ", " : ",\n" + String(repeating: " ", count: indent)
        return "[" + parts.joined(separator: separator) + "]"
    }

    /// The indices shown along an axis; nil stands for those left out.
    private func shownIndices(_ axis: Int) -> [Int?] {
        let extent = extents[axis]
        guard extent > Self.longest else { return (0..<extent).map { $0 } }
        return (0..<Self.ends).map { $0 } + [nil] + (extent - Self.ends..<extent).map { $0 }
    }

    private func shownOffsets(axis: Int, base: Int) -> [Int] {
        guard axis < extents.count else { return [base] }
        return shownIndices(axis).compactMap { $0 }.flatMap {
            shownOffsets(axis: axis + 1, base: base + $0 * strides[axis])
        }
    }

    private func formatted(_ value: Float) -> String {
        guard value.isFinite else { return "\(value)" }
        return usesExponents ? exponential(Double(value), 3) : fixed(Double(value), 4)
    }
}
