/// A hash of byte strings, and of pairs of tokens, for tables inside the process.
///
/// Every table draws a seed of its own, so that no file can be written to make all of its entries collide. The seed
/// decides where an entry lies and nothing that can be seen from outside.
struct ByteHash: Sendable {
    private let seed: UInt64
    private let multiplier: UInt64

    init() {
        seed = .random(in: 0...UInt64.max)
        multiplier = .random(in: 0...UInt64.max) | 1
    }

    /// The hash of some bytes; its lower bits are the better ones.
    func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            let word = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + position)
                .loadUnaligned(as: UInt64.self)
            state = folded(state ^ word)
            position += 8
        }
        var rest: UInt64 = 0
        while position < bytes.count {
            rest = rest << 8 | UInt64(bytes[position])
            position += 1
        }
        return folded(state ^ rest)
    }

    /// The hash of a pair of tokens; its upper bits are the better ones.
    @inline(__always)
    func hash(pair: UInt64) -> UInt64 {
        (pair ^ (pair >> 32) &* multiplier) &* multiplier
    }

    /// The two halves of the 128-bit product with the multiplier, folded together.
    @inline(__always)
    private func folded(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: multiplier)
        return product.high ^ product.low
    }
}

extension Int {
    /// The lowest power of two that is not less than this positive number.
    var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
