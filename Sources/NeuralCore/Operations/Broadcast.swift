internal import CKernels

extension Tensor {
    /// Repeats the tensor along axes of extent one, and along new leading axes, until it has the given shape.
    ///
    /// - Precondition: Aligned at the last axis, every extent is the new one's equal, or one.
    public func broadcast(to shape: Shape) -> Tensor {
        guard shape != self.shape else { return self }
        guard let layout = BroadcastLayout(from: self.shape, to: shape) else {
            misuse("a tensor of shape \(self.shape) cannot be repeated to the shape \(shape)")
        }
        let output = Tensor(uninitialized: shape)
        withExtendedLifetime((self, output)) {
            layout.forEachRow { row, start in
                let target = output.storage.pointer + row * layout.rowLength
                if layout.rowIsRepeated {
                    target.update(repeating: storage.pointer[start], count: layout.rowLength)
                } else {
                    target.update(from: storage.pointer + start, count: layout.rowLength)
                }
            }
        }
        let original = self.shape
        return recorded(output, from: [self]) { cotangent in
            [cotangent.detached.summed(over: layout, to: original)]
        }
    }

    /// Adds up what `broadcast` repeated.
    private func summed(over layout: BroadcastLayout, to original: Shape) -> Tensor {
        if original.count == channels, !layout.rowIsRepeated {
            return sumOfRows(self).reinterpreted(as: original)
        }
        let result = Tensor(zeros: original)
        withExtendedLifetime((self, result)) {
            layout.forEachRow { row, start in
                let source = storage.pointer + row * layout.rowLength
                let target = result.storage.pointer + start
                if layout.rowIsRepeated {
                    target.pointee += Float(ck_sum(source, 0, layout.rowLength))
                } else {
                    ck_add(target, target, source, 0, layout.rowLength)
                }
            }
        }
        return result
    }
}

/// Both tensors in the smallest shape that both can be repeated to.
func repeatedToFit(_ a: Tensor, _ b: Tensor, _ operation: StaticString = #function) -> (Tensor, Tensor) {
    if a.shape == b.shape { return (a, b) }
    let rank = max(a.shape.rank, b.shape.rank)
    let (left, right) = (a.shape.extended(to: rank), b.shape.extended(to: rank))
    let shape = Shape(zip(left, right).map { $0 == 1 ? $1 : $0 })
    guard zip(left, right).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
        misuse("\(operation) of tensors of shapes \(a.shape) and \(b.shape): neither can be repeated to fit")
    }
    return (a.broadcast(to: shape), b.broadcast(to: shape))
}

/// The source of each row of a repeated tensor.
private struct BroadcastLayout: Sendable {
    /// The extent of the last axis of the result.
    let rowLength: Int
    /// Whether a row of the result repeats one element.
    let rowIsRepeated: Bool
    private let outerExtents: [Int]
    private let outerStrides: [Int]

    init?(from original: Shape, to shape: Shape) {
        guard original.rank <= shape.rank else { return nil }
        let extents = original.extended(to: shape.rank)
        guard zip(extents, shape.extents).allSatisfy({ $0 == $1 || $0 == 1 }) else { return nil }
        var strides = [Int](repeating: 0, count: extents.count)
        var stride = 1
        for axis in extents.indices.reversed() {
            strides[axis] = extents[axis] == 1 ? 0 : stride
            stride *= extents[axis]
        }
        rowLength = shape.channels
        rowIsRepeated = strides.last == 0
        outerExtents = Array(shape.extents.dropLast())
        outerStrides = Array(strides.dropLast())
    }

    /// Calls `body` with every row of the result, in order, and where in the original it begins.
    func forEachRow(_ body: (_ row: Int, _ start: Int) -> Void) {
        let rows = outerExtents.reduce(1, *)
        var index = [Int](repeating: 0, count: outerExtents.count)
        var start = 0
        for row in 0..<rows {
            body(row, start)
            for axis in index.indices.reversed() {
                index[axis] += 1
                start += outerStrides[axis]
                guard index[axis] == outerExtents[axis] else { break }
                start -= outerStrides[axis] * outerExtents[axis]
                index[axis] = 0
            }
        }
    }
}

extension Shape {
    /// The extents with ones in front until there are `rank`.
    fileprivate func extended(to rank: Int) -> [Int] {
        Array(repeating: 1, count: rank - self.rank) + extents
    }
}
