import NeuralCore

/// A matrix of Doubles, multiplied in the plainest way: what products are measured against.
struct DoubleMatrix {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns)
        (self.rows, self.columns, self.elements) = (rows, columns, elements)
    }

    /// The last two axes of one matrix of a batch.
    init(_ tensor: Tensor, batch: Int = 0) {
        let (rows, columns) = (tensor.shape[-2], tensor.shape[-1])
        let slice = tensor.scalars[batch * rows * columns..<(batch + 1) * rows * columns]
        self.init(rows: rows, columns: columns, elements: slice.map(Double.init))
    }

    /// Deterministic elements in (-1, 1).
    init(rows: Int, columns: Int, seed: UInt64) {
        var generator = PlainGenerator(seed: seed)
        self.init(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in Double(generator.next()) }
        )
    }

    var tensor: Tensor { Tensor(elements.map(Float.init), shape: [rows, columns]) }

    var transposed: DoubleMatrix {
        var result = DoubleMatrix(rows: columns, columns: rows, elements: elements)
        for i in 0..<rows {
            for j in 0..<columns { result.elements[j * rows + i] = elements[i * columns + j] }
        }
        return result
    }

    /// Every element rounded as a bfloat16 product rounds it.
    var roundedToBFloat16: DoubleMatrix {
        DoubleMatrix(
            rows: rows, columns: columns,
            elements: elements.map { element in
                let bits = Float(element).bitPattern
                return Double(Float(bitPattern: (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff_0000))
            })
    }

    static func * (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
        precondition(a.columns == b.rows)
        var result = DoubleMatrix(
            rows: a.rows, columns: b.columns, elements: Array(repeating: 0, count: a.rows * b.columns))
        for i in 0..<a.rows {
            for k in 0..<a.columns {
                for j in 0..<b.columns {
                    result.elements[i * b.columns + j] +=
                        a.elements[i * a.columns + k] * b.elements[k * b.columns + j]
                }
            }
        }
        return result
    }

    /// The greatest distance to a tensor's elements, from `offset` on.
    func distance(to scalars: some Collection<Float>) -> Double {
        precondition(scalars.count == elements.count)
        return zip(elements, scalars).map { abs($0 - Double($1)) }.max() ?? 0
    }
}

/// A plain generator of test data (the splitmix sequence).
struct PlainGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A float in (-1, 1).
    mutating func next() -> Float {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        z ^= z >> 31
        return Float(Int64(bitPattern: z) >> 40) / Float(1 << 23)
    }
}
