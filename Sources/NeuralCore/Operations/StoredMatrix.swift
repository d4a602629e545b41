internal import CKernels

/// A frozen weight, kept in as few bytes as its use allows.
///
///     let weight = StoredMatrix(linear.weight, as: .int8)
///     let y = linear(x, weight: weight)                  // as for a tensor, without gradients
///
/// Generating text one token at a time reads every weight once for each token, so its speed is that of memory and
/// halving the bytes doubles it.
public struct StoredMatrix: Sendable {
    /// A storage format of the elements.
    public enum Format: Sendable, Hashable, CaseIterable {
        /// Four bytes each, exact.
        case float32
        /// Two bytes each: rounded to 8 bits of precision, ties to even.
        case bfloat16
        /// One byte each and a scale for each row: rounded to the nearest 127th of the row's greatest magnitude.
        case int8
        /// Four bits each and a scale of two bytes for every 32 of a row: rounded to the nearest of 16 multiples of the scale.
        /// Numbers read from a GGUF file of llama.cpp's Q4_0 stay what they are.
        case int4

        /// The bytes of a row. That of `int4` has whole blocks of 128 elements.
        fileprivate func byteCount(ofRow columns: Int) -> Int {
            switch self {
            case .float32: columns * 4
            case .bfloat16: columns * 2
            case .int8: columns
            case .int4: ck_int4_blocks(columns) * MemoryLayout<ck_int4_block>.size
            }
        }
    }

    /// The storage format of the elements.
    public let format: Format

    /// `[outputs, inputs]`.
    public let shape: Shape

    private let storage: Storage
    /// The number of the first row in the storage.
    private let firstRow: Int
    /// One for each row, for `int8` only.
    private let scales: Tensor?

    /// Stores a weight, `[outputs, inputs]`.
    public init(_ weight: Tensor, as format: Format) {
        if format == .float32 {
            Self.requireTwoAxes(weight.shape)
            self.init(weight.storage, scales: nil, as: format, shape: weight.shape)
        } else {
            self.init(weight.shape, as: format)
            withExtendedLifetime(weight) { store(weight.storage.pointer, at: 0..<shape[0]) }
        }
    }

    /// Stores a weight, `[outputs, inputs]`, that `read` gives some rows at a time, so that it is never held as a whole in 32
    /// bits.
    package init(
        _ shape: Shape, as format: Format,
        rows read: (_ rows: Range<Int>, _ elements: UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        self.init(shape, as: format)
        let columns = shape[1]
        let rowsAtOnce = max(1, Self.elementsAtOnce / max(1, columns))
        let portion = format == .float32 ? storage : Storage(count: min(rowsAtOnce, shape[0]) * columns)
        withExtendedLifetime(portion) {
            for begin in stride(from: 0, to: shape[0], by: rowsAtOnce) {
                let rows = begin..<min(shape[0], begin + rowsAtOnce)
                let elements = portion.pointer + (format == .float32 ? begin * columns : 0)
                read(rows, UnsafeMutableBufferPointer(start: elements, count: rows.count * columns))
                if format != .float32 { store(elements, at: rows) }
            }
        }
    }

    /// The elements that are read at once: four megabytes of 32-bit floats.
    static let elementsAtOnce = 1 << 20

    /// A matrix whose elements are about to be stored.
    private init(_ shape: Shape, as format: Format) {
        Self.requireTwoAxes(shape)
        self.init(
            Self.storage(for: shape, as: format),
            scales: format == .int8 ? Tensor(uninitialized: [shape[0]]) : nil, as: format, shape: shape)
    }

    private static func storage(for shape: Shape, as format: Format) -> Storage {
        Storage(count: (shape[0] * format.byteCount(ofRow: shape[1]) + 3) / 4)
    }

    private static func requireTwoAxes(_ shape: Shape) {
        guard shape.rank == 2 else { misuse("a stored matrix has two axes, not shape \(shape)") }
    }

    /// Rounds rows of 32-bit floats to their places in a matrix that nobody else has yet.
    private func store(_ source: UnsafePointer<Float>, at rows: Range<Int>) {
        let columns = shape[1]
        let target =
            UnsafeMutableRawPointer(storage.pointer) + rows.lowerBound * format.byteCount(ofRow: columns)
        switch format {
        case .float32:
            target.assumingMemoryBound(to: Float.self).update(from: source, count: rows.count * columns)
        case .bfloat16:
            let elements = target.assumingMemoryBound(to: UInt16.self)
            parallelElements(rows.count * columns) {
                ck_bfloat16_from_float32(elements, source, $0.lowerBound, $0.upperBound)
            }
        case .int8:
            let elements = target.assumingMemoryBound(to: Int8.self)
            let scales = scales!.storage.pointer + rows.lowerBound
            parallelRows(rows.count, channels: columns) {
                ck_int8_from_float32(elements, scales, source, $0.lowerBound, $0.upperBound, columns)
            }
        case .int4:
            let blocks = target.assumingMemoryBound(to: ck_int4_block.self)
            parallelRows(rows.count, channels: columns) {
                ck_int4_from_float32(blocks, source, $0.lowerBound, $0.upperBound, columns)
            }
        }
    }

    private init(
        _ storage: Storage, fromRow firstRow: Int = 0, scales: Tensor?, as format: Format, shape: Shape
    ) {
        (self.storage, self.firstRow, self.scales) = (storage, firstRow, scales)
        (self.format, self.shape) = (format, shape)
    }

    /// Some of the rows as a matrix of its own; the elements are shared.
    package func part(_ range: Range<Int>) -> StoredMatrix {
        guard range.lowerBound >= 0, range.upperBound <= shape[0] else {
            misuse("rows \(range) of a stored matrix of shape \(shape)")
        }
        return StoredMatrix(
            storage, fromRow: firstRow + range.lowerBound, scales: scales?[range], as: format,
            shape: [range.count, shape[1]])
    }

    /// The rows of the given numbers as a matrix of its own, the same bits in the same format.
    package func reordered(_ rows: [Int32]) -> StoredMatrix {
        let newShape: Shape = [rows.count, shape[1]]
        let result = StoredMatrix(
            Self.storage(for: newShape, as: format), scales: scales?.rows(at: rows), as: format,
            shape: newShape)
        let size = format.byteCount(ofRow: shape[1])
        withExtendedLifetime((self, result)) {
            let target = UnsafeMutableRawPointer(result.storage.pointer)
            for (place, row) in rows.enumerated() {
                guard row >= 0, row < shape[0] else {
                    misuse("row \(row) of a stored matrix of shape \(shape)")
                }
                (target + place * size).copyMemory(
                    from: pointers.elements + Int(row) * size, byteCount: size)
            }
        }
        return result
    }

    /// The bytes that the elements and their scales take.
    public var byteCount: Int { shape[0] * format.byteCount(ofRow: shape[1]) + (scales?.count ?? 0) * 4 }

    /// The elements as they are multiplied.
    public var tensor: Tensor { rows(0..<shape[0]) }

    /// The elements of some rows, `[range.count, inputs]`, as they are multiplied: an embedding looks up rows of the
    /// head it shares.
    public func rows(_ range: Range<Int>) -> Tensor {
        guard range.lowerBound >= 0, range.upperBound <= shape[0] else {
            misuse("rows \(range) of a stored matrix of shape \(shape)")
        }
        let columns = shape[1]
        let result = Tensor(uninitialized: [range.count, columns])
        let out = result.storage.pointer
        withExtendedLifetime((self, result)) {
            parallelRows(range.count, channels: columns) { rows in
                for row in rows { widen(range.lowerBound + row, to: out + row * columns) }
            }
        }
        return result
    }

    /// Writes the elements of a row as they are multiplied.
    private func widen(_ row: Int, to out: UnsafeMutablePointer<Float>) {
        let (columns, (first, scales)) = (shape[1], pointers)
        let elements = first + row * format.byteCount(ofRow: columns)
        switch format {
        case .float32: out.update(from: elements.assumingMemoryBound(to: Float.self), count: columns)
        case .bfloat16:
            ck_float32_from_bfloat16(out, elements.assumingMemoryBound(to: UInt16.self), 0, columns)
        case .int8:
            ck_float32_from_int8(
                out, elements.assumingMemoryBound(to: Int8.self), scales! + row, 0, 1, columns)
        case .int4:
            ck_float32_from_int4(out, elements.assumingMemoryBound(to: ck_int4_block.self), 0, 1, columns)
        }
    }

    var kernelStorage: ck_storage {
        switch format {
        case .float32: CK_STORED_FLOAT32
        case .bfloat16: CK_STORED_BFLOAT16
        case .int8: CK_STORED_INT8
        case .int4: CK_STORED_INT4
        }
    }

    /// The elements and the scales as the kernels read them; valid as long as this value lives.
    var pointers: (elements: UnsafeRawPointer, scales: UnsafePointer<Float>?) {
        (
            UnsafeRawPointer(storage.pointer) + firstRow * format.byteCount(ofRow: shape[1]),
            scales.map { UnsafePointer($0.storage.pointer) }
        )
    }
}

extension StoredMatrix {
    /// The rows of the given numbers, `[numbers.count, inputs]`, as they are multiplied: the embeddings of tokens.
    ///
    /// - Precondition: Each number is that of a row.
    public func rows(at numbers: [Int32]) -> Tensor {
        let columns = shape[1]
        if let number = numbers.first(where: { $0 < 0 || Int($0) >= shape[0] }) {
            misuse("row \(number) of a stored matrix of shape \(shape)")
        }
        let result = Tensor(uninitialized: [numbers.count, columns])
        withExtendedLifetime((self, result)) {
            let out = result.storage.pointer
            parallelRows(numbers.count, channels: columns) { rows in
                for row in rows { widen(Int(numbers[row]), to: out + row * columns) }
            }
        }
        return result
    }
}

extension StoredMatrix {
    /// The rows of a tensor of any rank rounded to bfloat16. They stay with its elements, for the next who asks.
    init(roundedRowsOf tensor: Tensor) {
        let shape: Shape = [tensor.rows, tensor.channels]
        if let known = tensor.storage.rounded {
            self.init(known, scales: nil, as: .bfloat16, shape: shape)
        } else {
            self.init(tensor.reinterpreted(as: shape), as: .bfloat16)
            tensor.storage.rounded = storage
        }
    }
}
