internal import CKernels

/// Rows of keys or of values that grow at their end, as tokens are generated.
///
///     var keys = KeyRows(channels: 256, capacity: 64, format: .bfloat16)
///     keys.append(0..<newKeys.rows, of: newKeys)
///
/// Memory doubles when it is full. A value: a copy grows independently.
public struct KeyRows: Sendable {
    /// A storage format of the elements.
    public enum Format: String, Sendable, Hashable, Codable, CaseIterable {
        /// Four bytes each, exact.
        case float32
        /// Two bytes each: rounded to 8 bits of precision, ties to even. Long texts are read twice as fast.
        case bfloat16

        /// Elements in the place of a float.
        fileprivate var elementsPerFloat: Int { self == .float32 ? 1 : 2 }
    }

    /// The storage format of the elements.
    public let format: Format
    /// Elements in a row.
    public let channels: Int
    /// The number of rows.
    public private(set) var count = 0
    /// The elements one after another, for `bfloat16` two in the place of each float.
    private var memory: Tensor

    /// No rows, with room for some.
    public init(channels: Int, capacity: Int, format: Format = .float32) {
        self.format = format
        self.channels = channels
        memory = Self.memory(rows: capacity, channels: channels, format)
    }

    private static func memory(rows: Int, channels: Int, _ format: Format) -> Tensor {
        Tensor(uninitialized: [(rows * channels + format.elementsPerFloat - 1) / format.elementsPerFloat])
    }

    /// Rows that there is memory for.
    private var capacity: Int { memory.count * format.elementsPerFloat / channels }
    /// The floats that hold the rows.
    private var usedFloats: Int { (count * channels + format.elementsPerFloat - 1) / format.elementsPerFloat }

    /// Adds rows of a tensor, `[…, channels]`.
    public mutating func append(_ rows: Range<Int>, of source: Tensor) {
        guard source.channels == channels, rows.lowerBound >= 0, rows.upperBound <= source.rows else {
            misuse("rows \(rows) of shape \(source.shape) added to rows of \(channels) channels")
        }
        guard !rows.isEmpty else { return }
        if count + rows.count > capacity { grow(to: max(2 * capacity, count + rows.count)) }
        let (begin, elements) = (count * channels, rows.count * channels)
        source.withUnsafeBuffer { source in
            let new = source.baseAddress! + rows.lowerBound * channels
            memory.withUnsafeMutableBuffer { memory in
                let target = memory.baseAddress!
                switch format {
                case .float32: (target + begin).update(from: new, count: elements)
                case .bfloat16:
                    target.withMemoryRebound(to: UInt16.self, capacity: 2 * memory.count) {
                        ck_bfloat16_from_float32($0 + begin, new, 0, elements)
                    }
                }
            }
        }
        count += rows.count
    }

    /// Keeps the first rows and forgets the others.
    public mutating func truncate(to count: Int) {
        guard 0...self.count ~= count else { misuse("\(self.count) rows cut to \(count)") }
        self.count = count
    }

    /// Forgets all rows and gives their memory back.
    public mutating func removeAll() { self = KeyRows(channels: channels, capacity: 0, format: format) }

    /// The elements as they are read, `[count, channels]`.
    public var tensor: Tensor {
        let result = Tensor(uninitialized: [count, channels])
        withExtendedLifetime((self, result)) {
            switch format {
            case .float32: result.storage.pointer.update(from: memory.storage.pointer, count: result.count)
            case .bfloat16:
                let elements = pointer.assumingMemoryBound(to: UInt16.self)
                ck_float32_from_bfloat16(result.storage.pointer, elements, 0, result.count)
            }
        }
        return result
    }

    private mutating func grow(to rows: Int) {
        var larger = Self.memory(rows: rows, channels: channels, format)
        let used = usedFloats
        memory.withUnsafeBuffer { old in
            larger.withUnsafeMutableBuffer { new in
                _ = new.prefix(used).update(fromContentsOf: old.prefix(used))
            }
        }
        memory = larger
    }

    /// The first element as the kernels read it; valid as long as this value lives.
    var pointer: UnsafeRawPointer { UnsafeRawPointer(memory.storage.pointer) }

    var kernelKind: ck_keys { format == .float32 ? CK_KEYS_FLOAT32 : CK_KEYS_BFLOAT16 }
}
