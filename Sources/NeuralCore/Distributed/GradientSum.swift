import CKernels

/// The sum of the gradients of the parts of a step, first over those of this rank, then over all ranks.
package struct GradientSum<Model: Module> {
    private let model: Model
    private let sharing: WorkSharing
    private var parts: PairwiseSum<Gradient<Model>>

    /// The sum over as many parts, none taken yet.
    package init(of count: Int, at model: Model, _ sharing: WorkSharing) {
        (self.model, self.sharing) = (model, sharing)
        parts = PairwiseSum(of: count) { $0 += $1 }
    }

    /// Takes the gradient of a part of this rank; they come in order.
    package mutating func take(_ gradient: consuming Gradient<Model>, of part: Int) {
        parts.take(gradient, index: part)
    }

    /// The sum over all parts, the same on all ranks.
    ///
    /// - Parameter shares: The parameters whose sum each rank gets, and no other; nil for all of them on all.
    package mutating func total(dealt shares: ParameterShares? = nil) -> Gradient<Model> {
        var nodes = parts.removeNodes()
        let isEmpty = nodes.isEmpty
        // Moved, not copied: it is written in place.
        var total = isEmpty ? Gradient(zerosFor: model) : nodes.removeFirst().value
        guard sharing.isShared else { return total }
        switch sharing.reduction {
        case .plain:
            for node in nodes { total += node.value }
            total.forEachParameter { _, gradient in
                gradient.withUnsafeMutableBuffer { sharing.communicator.sum($0) }
            }
        case .exact, .bfloat16:
            let count = parts.count
            let ranks = (0..<sharing.communicator.size).map { rank in
                PairwiseSum(of: count, taking: sharing.numbers(of: rank, count: count)).nodes
            }
            let order = shares?.order
            let sum = FlatArrays(writing: &total.values, in: order)
            let arrays = (isEmpty ? [] : [sum]) + nodes.map { FlatArrays($0.value.values, in: order) }
            let reduction = TreeReduction(
                of: arrays, into: sum, shares: shares?.ranges, count: count, ranks: ranks,
                sharing.communicator,
                isRounded: sharing.reduction == .bfloat16)
            withExtendedLifetime(nodes) { reduction.run() }
        }
        return total
    }
}

extension Gradient {
    /// A gradient of zeros.
    package init(zerosFor model: Model) {
        values = model
        values.forEachParameter { _, parameter in parameter = Tensor(zeros: parameter.shape) }
    }
}

/// The elements of all parameters of a gradient, as if they lay one after another.
///
/// It holds pointers into tensors that someone else keeps.
struct FlatArrays {
    private let pointers: [UnsafeMutablePointer<Float>]
    /// Where each parameter ends.
    private let ends: [Int]

    /// Elements in all.
    var count: Int { ends.last ?? 0 }

    private init(_ buffers: [UnsafeMutableBufferPointer<Float>]) {
        let buffers = buffers.filter { !$0.isEmpty }
        pointers = buffers.compactMap(\.baseAddress)
        var end = 0
        ends = buffers.map {
            end += $0.count
            return end
        }
    }

    /// The elements for reading.
    ///
    /// - Parameter order: The order of the parameters; nil for that of the visit.
    init(_ module: some Module, in order: [Int]? = nil) {
        let buffers = module.parameters.map { parameter in
            parameter.value.withUnsafeBuffer { UnsafeMutableBufferPointer(mutating: $0) }
        }
        self.init(order?.map { buffers[$0] } ?? buffers)
    }

    /// The elements for writing, no longer shared with another tensor.
    init(writing module: inout some Module, in order: [Int]? = nil) {
        var buffers: [UnsafeMutableBufferPointer<Float>] = []
        module.forEachParameter { _, parameter in
            parameter.withUnsafeMutableBuffer { buffers.append($0) }
        }
        self.init(order?.map { buffers[$0] } ?? buffers)
    }

    /// Calls `body` with the pieces of a range: where each lies, its place in the range, and its length.
    func forEachPiece(of range: Range<Int>, _ body: (UnsafeMutablePointer<Float>, Int, Int) -> Void) {
        var place = range.lowerBound
        guard place < range.upperBound else { return }
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > place { high = middle } else { low = middle + 1 }
        }
        while place < range.upperBound {
            let begin = low == 0 ? 0 : ends[low - 1]
            let length = min(ends[low], range.upperBound) - place
            body(pointers[low] + (place - begin), place - range.lowerBound, length)
            place += length
            low += 1
        }
    }

    /// Copies a range to elsewhere.
    func read(_ range: Range<Int>, to target: UnsafeMutablePointer<Float>) {
        forEachPiece(of: range) { source, place, length in
            parallelElements(length) { piece in
                (target + place + piece.lowerBound).update(
                    from: source + piece.lowerBound, count: piece.count)
            }
        }
    }

    /// Fills a range from elsewhere.
    func write(_ source: UnsafePointer<Float>, to range: Range<Int>) {
        forEachPiece(of: range) { target, place, length in
            parallelElements(length) { piece in
                (target + piece.lowerBound).update(
                    from: source + place + piece.lowerBound, count: piece.count)
            }
        }
    }
}
