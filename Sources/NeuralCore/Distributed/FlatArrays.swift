/// The elements of all parameters of a gradient, as if they lay one after another.
///
/// It holds pointers into tensors that someone else keeps, and leaves alone while they are used.
struct FlatArrays: @unchecked Sendable {
    private let pointers: [UnsafeMutablePointer<Float>]
    /// Where each parameter ends.
    private let ends: [Int]

    /// Elements in all.
    var count: Int { ends.last ?? 0 }

    /// The elements of several buffers, one after another.
    init(_ buffers: [UnsafeMutableBufferPointer<Float>]) {
        let buffers = buffers.filter { !$0.isEmpty }
        pointers = buffers.compactMap(\.baseAddress)
        var end = 0
        ends = buffers.map {
            end += $0.count
            return end
        }
    }

    /// The elements of some parameters for writing, no longer shared with another tensor.
    ///
    /// - Parameter order: The order of the parameters, by their places in the visit.
    init(writing module: inout some Module, in order: [Int]) {
        var buffers: [UnsafeMutableBufferPointer<Float>] = []
        module.forEachParameter { _, parameter in
            parameter.withUnsafeMutableBuffer { buffers.append($0) }
        }
        self.init(order.map { buffers[$0] })
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
    func read(_ range: Range<Int>, to target: UnsafeMutablePointer<Float>, _ means: ReductionMeans) {
        forEachPiece(of: range) { source, place, length in
            means.forElements(length) { piece in
                (target + place + piece.lowerBound).update(
                    from: source + piece.lowerBound, count: piece.count)
            }
        }
    }

    /// Fills a range from elsewhere.
    func write(_ source: UnsafePointer<Float>, to range: Range<Int>, _ means: ReductionMeans) {
        forEachPiece(of: range) { target, place, length in
            means.forElements(length) { piece in
                (target + piece.lowerBound).update(
                    from: source + place + piece.lowerBound, count: piece.count)
            }
        }
    }
}
