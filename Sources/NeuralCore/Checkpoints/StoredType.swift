/// How the elements of an array are stored in a safetensors file, by the format's own names.
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
