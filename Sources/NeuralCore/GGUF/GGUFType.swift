/// The storage format of a matrix in a GGUF file, by llama.cpp's names.
///
/// All but the first three store blocks of numbers as small integers with a scale, some with a minimum as well.
///
/// - SeeAlso: [The format](https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), and `ggml-common.h` of llama.cpp
///   for the layout of each block.
public enum GGUFType: String, Sendable, CaseIterable {
    /// 32-bit floats.
    case float32 = "f32"
    /// 16-bit floats, IEEE 754 binary16.
    case float16 = "f16"
    /// The upper halves of 32-bit floats.
    case bfloat16 = "bf16"
    /// 32 integers of 8 bits and a scale: 8.5 bits a number.
    case q80 = "q8_0"
    /// 32 integers of 4 bits and a scale: 4.5 bits a number.
    case q40 = "q4_0"
    /// 32 integers of 4 bits, a scale and a minimum: 5 bits a number.
    case q41 = "q4_1"
    /// 32 integers of 5 bits and a scale: 5.5 bits a number.
    case q50 = "q5_0"
    /// 32 integers of 5 bits, a scale and a minimum: 6 bits a number.
    case q51 = "q5_1"
    /// 256 integers of 4 bits, with a scale and a minimum of 6 bits for each 32: 4.5 bits a number.
    case q4K = "q4_k"
    /// 256 integers of 5 bits, with a scale and a minimum of 6 bits for each 32: 5.5 bits a number.
    case q5K = "q5_k"
    /// 256 integers of 6 bits, with a scale of 8 bits for each 16: 6.5625 bits a number.
    case q6K = "q6_k"

    /// The types that can be written; the others are only read.
    public static let writable: [GGUFType] = [.float32, .float16, .bfloat16, .q80, .q40, .q4K]

    /// The number of the type in a file.
    package var code: UInt32 {
        switch self {
        case .float32: 0
        case .float16: 1
        case .q40: 2
        case .q41: 3
        case .q50: 6
        case .q51: 7
        case .q80: 8
        case .q4K: 12
        case .q5K: 13
        case .q6K: 14
        case .bfloat16: 30
        }
    }

    /// The type of a number in a file, if it is one that is read.
    package init?(code: UInt32) {
        guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = type
    }

    /// The number of elements in a block; a row is a whole number of blocks.
    package var numbersPerBlock: Int {
        switch self {
        case .float32, .float16, .bfloat16: 1
        case .q80, .q40, .q41, .q50, .q51: 32
        case .q4K, .q5K, .q6K: 256
        }
    }

    /// The bytes of a block.
    package var bytesPerBlock: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .q80: 34
        case .q40: 18
        case .q41: 20
        case .q50: 22
        case .q51: 24
        case .q4K: 144
        case .q5K: 176
        case .q6K: 210
        }
    }
}
