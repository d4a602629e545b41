/// SipHash-2-4: a hash that is the same on every machine and in every run.
///
/// It decides the split into training and validation and recognizes equal texts, so it must never change.
///
/// - SeeAlso: [Aumasson & Bernstein 2012](https://eprint.iacr.org/2012/351), §2. Departures: none.
package struct StableHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    private init(_ k0: UInt64, _ k1: UInt64) {
        // "somepseudorandomlygeneratedbytes", as the paper has it.
        v0 = k0 ^ 0x736f_6d65_7073_6575
        v1 = k1 ^ 0x646f_7261_6e64_6f6d
        v2 = k0 ^ 0x6c79_6765_6e65_7261
        v3 = k1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    private mutating func rounds(_ count: Int) {
        for _ in 0..<count {
            v0 &+= v1
            v2 &+= v3
            v1 = (v1 << 13 | v1 >> 51) ^ v0
            v3 = (v3 << 16 | v3 >> 48) ^ v2
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v1
            v0 &+= v3
            v1 = (v1 << 17 | v1 >> 47) ^ v2
            v3 = (v3 << 21 | v3 >> 43) ^ v0
            v2 = v2 << 32 | v2 >> 32
        }
    }

    /// The hash of some bytes under a 128-bit key.
    package static func hash(
        _ bytes: UnsafeBufferPointer<UInt8>, key: (UInt64, UInt64) = (0, 0)
    ) -> UInt64 {
        var state = StableHash(key.0, key.1)
        let raw = UnsafeRawBufferPointer(bytes)
        let whole = raw.count & ~7
        var index = 0
        while index < whole {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            state.v3 ^= word
            state.rounds(2)
            state.v0 ^= word
            index += 8
        }
        var last = UInt64(truncatingIfNeeded: raw.count) << 56
        while index < raw.count {
            last |= UInt64(raw[index]) << UInt64(8 * (index & 7))
            index += 1
        }
        state.v3 ^= last
        state.rounds(2)
        state.v0 ^= last
        state.v2 ^= 0xff
        state.rounds(4)
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    /// The hash of a text's UTF-8 bytes under the key zero.
    package static func hash(_ text: String) -> UInt64 { text.withUTF8Bytes { hash($0) } }

    /// Spreads the bits of a number over all 64 (the finalizer of MurmurHash3).
    @inline(__always)
    package static func mixed(_ number: UInt64) -> UInt64 {
        var x = number
        x = (x ^ x >> 33) &* 0xff51_afd7_ed55_8ccd
        x = (x ^ x >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return x ^ x >> 33
    }

    /// The hash as a number in [0, 1).
    package static func fraction(_ hash: UInt64) -> Double { Double(hash >> 11) * 0x1p-53 }
}

extension String {
    /// Calls `body` with the UTF-8 bytes.
    @inline(__always)
    func withUTF8Bytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
