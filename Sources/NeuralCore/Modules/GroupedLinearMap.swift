/// Applies to each group of consecutive rows a linear map of its own.
///
///     yᵢ = xᵢ · weight(group of i)ᵀ
///
/// - Parameters:
///   - x: Activations, `[rows, inputs]`, group after group.
///   - maps: One for each group, all of the same shape, without biases. All are learned, or all stored; then the bits of a
///     row depend on that row and its map alone.
///   - counts: The rows of each group; they add up to those of `x`.
///   - precision: The precision of the products, forward and backward.
/// - Returns: `[rows, outputs]`.
/// - Complexity: 2 · rows · inputs · outputs operations, whatever the groups are; backward, a map without rows has the
///   gradient zero.
package func groupedLinear(
    _ x: Tensor, _ maps: [Linear], counts: [Int], precision: MatrixPrecision = .float32
) -> Tensor {
    guard let first = maps.first, x.shape == [counts.reduce(0, +), first.inputs], counts.count == maps.count,
        maps.allSatisfy({
            $0.inputs == first.inputs && $0.outputs == first.outputs && $0.bias == nil && $0.branch == nil
        })
    else {
        misuse("\(maps.count) maps for \(counts.count) groups of the rows of a tensor of shape \(x.shape)")
    }
    let groups = RowGroups(counts)
    let output = Tensor(uninitialized: [x.rows, first.outputs])
    if first.stored != nil {
        withExtendedLifetime(maps) {
            groups.multiply(precision, .rowsAreIndependent) { group, rows in
                (
                    MatrixView(x, rows: rows), MatrixView(maps[group].stored!, isTransposed: true),
                    output.storage.pointer + rows.lowerBound * first.outputs
                )
            }
        }
        return output
    }
    let (kept, weights) = (x.detached, maps.map(\.weight.detached))
    groups.multiply(precision) { group, rows in
        (
            MatrixView(kept, rows: rows), MatrixView(weights[group], isTransposed: true),
            output.storage.pointer + rows.lowerBound * first.outputs
        )
    }
    let (wantsX, wanted) = (x.isRecorded, maps.map(\.weight.isRecorded))
    guard wantsX || wanted.contains(true) else { return output }
    return recorded(output, from: [x] + maps.map(\.weight)) { cotangent in
        let cotangent = cotangent.detached
        var gradients: [Tensor?] = [nil]
        if wantsX {
            let gradient = Tensor(uninitialized: kept.shape)
            groups.multiply(precision) { group, rows in
                (
                    MatrixView(cotangent, rows: rows), MatrixView(weights[group]),
                    gradient.storage.pointer + rows.lowerBound * kept.channels
                )
            }
            gradients[0] = gradient
        }
        let ofWeights = zip(wanted, counts).map { isWanted, count -> Tensor? in
            guard isWanted else { return nil }
            let shape: Shape = [cotangent.channels, kept.channels]
            return count == 0 ? Tensor(zeros: shape) : Tensor(uninitialized: shape)
        }
        groups.multiply(precision) { group, rows in
            guard let gradient = ofWeights[group] else { return nil }
            return (
                MatrixView(cotangent, rows: rows, isTransposed: true), MatrixView(kept, rows: rows),
                gradient.storage.pointer
            )
        }
        return gradients + ofWeights
    }
}

/// Consecutive groups of rows, each of which has a product of its own.
private struct RowGroups {
    /// The operands of a group's product, and where it goes.
    typealias Product = (a: MatrixView, b: MatrixView, result: UnsafeMutablePointer<Float>)

    /// The rows of the groups that have any, with their numbers.
    private let groups: [(number: Int, rows: Range<Int>)]
    private let rowCount: Int

    init(_ counts: [Int]) {
        var (groups, begin) = ([(number: Int, rows: Range<Int>)](), 0)
        for (number, count) in counts.enumerated() {
            if count > 0 { groups.append((number, begin..<begin + count)) }
            begin += count
        }
        (self.groups, rowCount) = (groups, begin)
    }

    /// Computes the product of every group that has rows, nil for none.
    ///
    /// Small products are each the work of one thread, large ones that of all threads. Which they are depends on the shapes
    /// alone, and their bits on neither.
    func multiply(
        _ precision: MatrixPrecision, _ options: ProductOptions = [],
        _ product: (_ group: Int, _ rows: Range<Int>) -> Product?
    ) {
        guard let first = groups.first, let sample = product(first.number, first.rows) else { return }
        let operations = sample.a.rows * sample.a.columns * sample.b.columns / first.rows.count * rowCount
        guard operations / groups.count < Self.operationsOfThread else {
            for group in groups {
                guard let product = product(group.number, group.rows) else { continue }
                NeuralCore.multiply(
                    product.a, product.b, into: product.result, precision: precision, options)
            }
            return
        }
        parallelFor(tasks: groups.count) { task in
            guard let product = product(groups[task].number, groups[task].rows) else { return }
            NeuralCore.multiply(
                product.a, product.b, into: product.result, precision: precision,
                options.union(.isInTask))
        }
    }

    /// Multiplications that take about a tenth of a millisecond: below, waking threads costs more than sharing saves.
    private static let operationsOfThread = 1 << 22
}
