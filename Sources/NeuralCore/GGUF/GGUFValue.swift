/// A value of a key of a GGUF file.
package enum GGUFValue: Equatable, Sendable {
    /// A whole number, and the type it is stored in.
    case integer(Int, Kind = .uint32)
    case number(Double, Kind = .float32)
    case bool(Bool)
    /// Bytes that should be UTF-8.
    case string([UInt8])
    case integers([Int], Kind = .int32)
    case numbers([Double], Kind = .float32)
    case bools([Bool])
    case strings([[UInt8]])

    /// The types of the format, by their numbers.
    package enum Kind: UInt32, Sendable {
        case uint8 = 0
        case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// The bytes of a value, or the fewest that one has.
        var leastByteCount: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// A string.
    package static func text(_ text: String) -> GGUFValue { .string(Array(text.utf8)) }

    /// The whole number, if it is one.
    package var integer: Int? { if case .integer(let value, _) = self { value } else { nil } }

    /// The number, whole or not.
    package var number: Double? {
        switch self {
        case .integer(let value, _): Double(value)
        case .number(let value, _): value
        default: nil
        }
    }

    /// The truth value, if it is one.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The string, if it is one in UTF-8.
    package var text: String? {
        if case .string(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    /// The value for messages; of lists only what they are of.
    package var shown: String {
        switch self {
        case .integer(let value, _): "\(value)"
        case .number(let value, _): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let bytes): "\"\(String(decoding: bytes.prefix(80), as: UTF8.self))\""
        case .integers(let list, _): "a list of \(list.count) whole numbers"
        case .numbers(let list, _): "a list of \(list.count) numbers"
        case .bools(let list): "a list of \(list.count) truth values"
        case .strings(let list): "a list of \(list.count) strings"
        }
    }
}
