internal import CKernels

/// Sums, means and greatest elements. All are differentiable, and their bits do not depend on the number of threads.
extension Tensor {
    /// The sum of all elements, a scalar.
    public func sum() -> Tensor {
        let shape = shape
        return recorded(Tensor(Float(total(ck_sum))), from: [self]) { cotangent in
            [Tensor(repeating: cotangent.item(), shape: shape)]
        }
    }

    /// The mean of all elements, a scalar.
    public func mean() -> Tensor { sum() / Float(count) }

    /// The sums along one axis, which the result lacks.
    ///
    /// - Parameter axis: Counts from the last axis if negative.
    public func sum(along axis: Int) -> Tensor {
        let axis = normalized(axis)
        let original = shape
        var extents = shape.extents
        extents[axis] = 1
        let withUnitAxis = Shape(extents)
        extents.remove(at: axis)
        let output = sums(along: axis, shape: Shape(extents))
        return recorded(output, from: [self]) { cotangent in
            [cotangent.detached.reinterpreted(as: withUnitAxis).broadcast(to: original)]
        }
    }

    /// The means along one axis, which the result lacks.
    ///
    /// - Parameter axis: Counts from the last axis if negative.
    public func mean(along axis: Int) -> Tensor { sum(along: axis) / Float(shape[axis]) }

    /// The greatest element of each row, in the shape without the last axis.
    ///
    /// The gradient flows to the first greatest element of a row. NaN counts as less than any number.
    public func rowMaxima() -> Tensor {
        let (output, indices) = maxima()
        let (original, channels) = (shape, channels)
        return recorded(output, from: [self]) { cotangent in
            let gradient = Tensor(zeros: original)
            for (row, index) in indices.enumerated() {
                gradient.storage.pointer[row * channels + Int(index)] = cotangent.storage.pointer[row]
            }
            return [gradient]
        }
    }

    /// Returns the first index of the greatest element of each row.
    public func rowArgmaxima() -> [Int32] { maxima().indices }

    /// The sum of the squares of all elements, in double precision; nothing is recorded.
    package func sumOfSquares() -> Double { total(ck_sum_squares) }

    /// The total of a kernel over ranges of elements, added up in order.
    private func total(_ kernel: (UnsafePointer<Float>?, Int, Int) -> Double) -> Double {
        withUnsafeBuffer { elements in
            sumInChunks(of: count, each: 1 << 16) {
                kernel(elements.baseAddress, $0.lowerBound, $0.upperBound)
            }
        }
    }

    private func sums(along axis: Int, shape kept: Shape) -> Tensor {
        let length = shape[axis]
        let inner = shape.extents[(axis + 1)...].reduce(1, *)
        let outer = kept.count / max(1, inner)
        if outer == 1, inner > 1 {
            return sumOfRows(reinterpreted(as: [length, inner])).reinterpreted(as: kept)
        }
        let result = Tensor(zeros: kept)
        withExtendedLifetime((self, result)) {
            parallelRows(outer, channels: length * inner) { range in
                if inner == 1 {
                    ck_row_sums(
                        result.storage.pointer, storage.pointer, range.lowerBound, range.upperBound, length)
                } else {
                    for index in range {
                        ck_column_sums(
                            result.storage.pointer + index * inner, storage.pointer + index * length * inner,
                            0, length, inner)
                    }
                }
            }
        }
        return result
    }

    private func maxima() -> (values: Tensor, indices: [Int32]) {
        guard shape.rank > 0, channels > 0 else { misuse("a tensor of shape \(shape) has no row maxima") }
        let values = Tensor(uninitialized: Shape(Array(shape.extents.dropLast())))
        let indices = [Int32](unsafeUninitializedCapacity: rows) { buffer, initialized in
            let start = buffer.baseAddress
            withExtendedLifetime((self, values)) {
                parallelRows(rows, channels: channels) {
                    ck_row_maxima(
                        values.storage.pointer, start, storage.pointer, $0.lowerBound, $0.upperBound, channels
                    )
                }
            }
            initialized = rows
        }
        return (values, indices)
    }

    private func normalized(_ axis: Int) -> Int {
        _ = shape[axis]  // stops when there is no such axis
        return axis < 0 ? axis + shape.rank : axis
    }
}
