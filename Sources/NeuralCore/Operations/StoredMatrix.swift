internal import CKernels

/// A frozen weight, kept in as few bytes as its use allows.
///
///     let weight = StoredMatrix(linear.weight, as: .int8)
///     let y = linear(x, weight: weight)                  // as for a tensor, without gradients
///
/// Generating text one token at a time reads every weight once for each token, so its speed is that of memory and
/// halving the bytes doubles it.
public struct StoredMatrix: Sendable {
    /// How the elements are kept.
    public enum Format: Sendable, Hashable, CaseIterable {
        /// Four bytes each, exact.
        case float32
        /// Two bytes each: rounded to 8 bits of precision, ties to even.
        case bfloat16
        /// One byte each and a scale for each row: rounded to the nearest 127th of the row's greatest magnitude.
        case int8
    }

    /// How the elements are kept.
    public let format: Format

    /// `[outputs, inputs]`.
    public let shape: Shape

    private let storage: Storage
    /// One for each row, for `int8` only.
    private let scales: Tensor?

    /// Stores a weight, `[outputs, inputs]`.
    public init(_ weight: Tensor, as format: Format) {
        guard weight.shape.rank == 2 else {
            misuse("a stored matrix has two axes, not shape \(weight.shape)")
        }
        self.format = format
        shape = weight.shape
        let (rows, columns, source) = (weight.rows, weight.channels, weight.storage)
        switch format {
        case .float32:
            (storage, scales) = (source, nil)
        case .bfloat16:
            let stored = Storage(count: (weight.count + 1) / 2)
            stored.pointer.withMemoryRebound(to: UInt16.self, capacity: weight.count) { elements in
                parallelElements(weight.count) {
                    ck_bfloat16_from_float32(elements, source.pointer, $0.lowerBound, $0.upperBound)
                }
            }
            (storage, scales) = (stored, nil)
        case .int8:
            let stored = Storage(count: (weight.count + 3) / 4)
            let rowScales = Tensor(uninitialized: [rows])
            stored.pointer.withMemoryRebound(to: Int8.self, capacity: weight.count) { elements in
                parallelRows(rows, channels: columns) {
                    ck_int8_from_float32(
                        elements, rowScales.storage.pointer, source.pointer, $0.lowerBound, $0.upperBound,
                        columns)
                }
            }
            (storage, scales) = (stored, rowScales)
        }
        withExtendedLifetime(weight) {}
    }

    /// The bytes that the elements and their scales take.
    public var byteCount: Int {
        switch format {
        case .float32: shape.count * 4
        case .bfloat16: shape.count * 2
        case .int8: shape.count + shape[0] * 4
        }
    }

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
        let (out, offset) = (result.storage.pointer, range.lowerBound * columns)
        withExtendedLifetime((self, result)) {
            switch format {
            case .float32:
                out.update(from: storage.pointer + offset, count: result.count)
            case .bfloat16:
                let elements = UnsafeRawPointer(storage.pointer).assumingMemoryBound(to: UInt16.self) + offset
                parallelElements(result.count) {
                    ck_float32_from_bfloat16(out, elements, $0.lowerBound, $0.upperBound)
                }
            case .int8:
                let elements = UnsafeRawPointer(storage.pointer).assumingMemoryBound(to: Int8.self) + offset
                let scales = scales!.storage.pointer + range.lowerBound
                parallelRows(range.count, channels: columns) {
                    ck_float32_from_int8(out, elements, scales, $0.lowerBound, $0.upperBound, columns)
                }
            }
        }
        return result
    }

    var kernelStorage: ck_storage {
        switch format {
        case .float32: CK_STORED_FLOAT32
        case .bfloat16: CK_STORED_BFLOAT16
        case .int8: CK_STORED_INT8
        }
    }

    /// The elements and the scales as the kernels read them; valid as long as this value lives.
    var pointers: (elements: UnsafeRawPointer, scales: UnsafePointer<Float>?) {
        (UnsafeRawPointer(storage.pointer), scales.map { UnsafePointer($0.storage.pointer) })
    }
}
