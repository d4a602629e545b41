import CKernels

/// The elements of one array of a file, as bytes that may begin anywhere.
struct StoredArray {
    let type: StoredType
    let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count / type.byteCount }

    /// The number of elements that a thread converts at a time; also the number copied at a time if they are misaligned.
    private static let chunk = 1 << 16

    /// Writes every element as the nearest 32-bit float.
    func convert(to out: UnsafeMutableBufferPointer<Float>) {
        switch type {
        case .float64: convert(Double.self, to: out) { Float($0) }
        case .float32: convert(Float.self, to: out) { $0 }
        case .float16:
            forEachChunk { begin, halves, count in
                ck_float32_from_float16(out.baseAddress! + begin, halves, 0, count)
            }
        case .bfloat16:
            forEachChunk { begin, halves, count in
                ck_float32_from_bfloat16(out.baseAddress! + begin, halves, 0, count)
            }
        case .int64: convert(Int64.self, to: out) { Float($0) }
        case .int32: convert(Int32.self, to: out) { Float($0) }
        case .int16: convert(Int16.self, to: out) { Float($0) }
        case .uint64: convert(UInt64.self, to: out) { Float($0) }
        case .uint32: convert(UInt32.self, to: out) { Float($0) }
        case .uint16: convert(UInt16.self, to: out) { Float($0) }
        case .int8: look(up: { Float(Int8(bitPattern: $0)) }, to: out)
        case .uint8: look(up: { Float($0) }, to: out)
        case .bool: look(up: { $0 == 0 ? 0 : 1 }, to: out)
        case .float8E4M3: look(up: Self.float(e4m3:), to: out)
        case .float8E5M2: look(up: Self.float(e5m2:), to: out)
        }
    }

    /// Every element as an integer, or the first that is none.
    func integers<Integer: FixedWidthInteger>(as _: Integer.Type) -> Result<[Integer], NotAnInteger> {
        switch type {
        case .int64: exactly { (x: Int64) in Integer(exactly: x) }
        case .int32: exactly { (x: Int32) in Integer(exactly: x) }
        case .int16: exactly { (x: Int16) in Integer(exactly: x) }
        case .int8: exactly { (x: Int8) in Integer(exactly: x) }
        case .uint64: exactly { (x: UInt64) in Integer(exactly: x) }
        case .uint32: exactly { (x: UInt32) in Integer(exactly: x) }
        case .uint16: exactly { (x: UInt16) in Integer(exactly: x) }
        case .uint8: exactly { (x: UInt8) in Integer(exactly: x) }
        case .bool: exactly { (x: UInt8) in x == 0 ? 0 : 1 }
        case .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2:
            .failure(NotAnInteger(found: "elements of type \(type.rawValue)"))
        }
    }

    /// A description of the value found in place of an integer of a given type.
    struct NotAnInteger: Error {
        var found: String
    }
}

// MARK: - Elements

extension StoredArray {
    /// Calls `body` for pieces of the array, on several threads, with the number of the first element, where the
    /// elements lie in alignment, and how many there are.
    private func forEachChunk<Element: BitwiseCopyable>(_ body: (Int, UnsafePointer<Element>, Int) -> Void) {
        guard let start = bytes.baseAddress else { return }
        let isAligned = Int(bitPattern: start) % MemoryLayout<Element>.alignment == 0
        parallelFor(tasks: (count + Self.chunk - 1) / Self.chunk) { task in
            let begin = task * Self.chunk
            let chunkCount = min(Self.chunk, count - begin)
            let elements = start + begin * MemoryLayout<Element>.stride
            if isAligned {
                body(begin, elements.assumingMemoryBound(to: Element.self), chunkCount)
            } else {
                withUnsafeTemporaryAllocation(of: Element.self, capacity: chunkCount) { aligned in
                    UnsafeMutableRawBufferPointer(aligned).baseAddress!
                        .copyMemory(from: elements, byteCount: chunkCount * MemoryLayout<Element>.stride)
                    body(begin, UnsafePointer(aligned.baseAddress!), chunkCount)
                }
            }
        }
    }

    @inline(__always)
    private func convert<Number: BitwiseCopyable>(
        _: Number.Type, to out: UnsafeMutableBufferPointer<Float>, _ nearest: (Number) -> Float
    ) {
        forEachChunk { (begin, numbers: UnsafePointer<Number>, count) in
            let out = out.baseAddress! + begin
            for index in 0..<count { out[index] = nearest(numbers[index]) }
        }
    }

    /// Converts bytes by way of a table of what each of the 256 means.
    private func look(up meaning: (UInt8) -> Float, to out: UnsafeMutableBufferPointer<Float>) {
        (0...UInt8.max).map(meaning).withUnsafeBufferPointer { table in
            forEachChunk { (begin, bytes: UnsafePointer<UInt8>, count) in
                let out = out.baseAddress! + begin
                for index in 0..<count { out[index] = table[Int(bytes[index])] }
            }
        }
    }

    private func exactly<Element: FixedWidthInteger & BitwiseCopyable, Integer: FixedWidthInteger>(
        _ value: (Element) -> Integer?
    ) -> Result<[Integer], NotAnInteger> {
        var integers: [Integer] = []
        integers.reserveCapacity(count)
        for index in 0..<count {
            let element = bytes.loadUnaligned(
                fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
            guard let integer = value(element) else {
                return .failure(NotAnInteger(found: "\(element) at position \(index)"))
            }
            integers.append(integer)
        }
        return .success(integers)
    }

    /// The number that a byte means in the format E4M3FN.
    private static func float(e4m3 byte: UInt8) -> Float {
        let (exponent, fraction) = (Int(byte >> 3 & 15), Float(byte & 7))
        let magnitude: Float =
            switch byte & 0x7F {
            case 0x7F: .nan
            case ..<8: fraction * 0x1p-9
            default: Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
            }
        return byte < 0x80 ? magnitude : -magnitude
    }

    /// The number that a byte means in the format E5M2.
    private static func float(e5m2 byte: UInt8) -> Float {
        var float: Float = 0
        ck_float32_from_float16(&float, [UInt16(byte) << 8], 0, 1)
        return float
    }
}

/// The element type of an array in a safetensors file, by the format's own names.
public enum StoredType: String, Sendable, CaseIterable, Codable {
    /// IEEE 754 binary64.
    case float64 = "F64"
    /// IEEE 754 binary32.
    case float32 = "F32"
    /// IEEE 754 binary16.
    case float16 = "F16"
    /// The upper half of a binary32.
    case bfloat16 = "BF16"
    /// One sign, four exponent and three fraction bits; no infinity ("E4M3FN").
    case float8E4M3 = "F8_E4M3"
    /// One sign, five exponent and two fraction bits: the upper half of a binary16.
    case float8E5M2 = "F8_E5M2"
    /// A signed integer of 64 bits.
    case int64 = "I64"
    /// A signed integer of 32 bits.
    case int32 = "I32"
    /// A signed integer of 16 bits.
    case int16 = "I16"
    /// A signed integer of 8 bits.
    case int8 = "I8"
    /// An unsigned integer of 64 bits.
    case uint64 = "U64"
    /// An unsigned integer of 32 bits.
    case uint32 = "U32"
    /// An unsigned integer of 16 bits.
    case uint16 = "U16"
    /// An unsigned integer of 8 bits.
    case uint8 = "U8"
    /// A byte that is true unless it is zero.
    case bool = "BOOL"

    /// The bytes of one element.
    public var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
        }
    }

    /// The type of the integers `Integer`.
    init(of integer: (some FixedWidthInteger).Type) {
        self =
            switch (integer.bitWidth, integer.isSigned) {
            case (64, true): .int64
            case (32, true): .int32
            case (16, true): .int16
            case (8, true): .int8
            case (64, false): .uint64
            case (32, false): .uint32
            case (16, false): .uint16
            case (8, false): .uint8
            default: misuse("integers of \(integer.bitWidth) bits cannot be stored")
            }
    }
}
