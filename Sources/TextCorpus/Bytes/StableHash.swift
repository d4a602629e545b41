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

/// A set of hashes: eight bytes a slot, linear probing, at most two thirds full.
struct HashSet64 {
    private var slots: [UInt64]
    private(set) var count = 0
    private var containsZero = false

    init(minimumCapacity: Int = 0) {
        var size = 16
        while size * 2 < minimumCapacity * 3 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    var isEmpty: Bool { count == 0 }
    var bytes: Int { slots.count * 8 }

    func contains(_ hash: UInt64) -> Bool {
        if hash == 0 { return containsZero }
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: StableHash.mixed(hash)) & mask
        while true {
            let slot = slots[index]
            if slot == hash { return true }
            if slot == 0 { return false }
            index = (index + 1) & mask
        }
    }

    /// Calls `body` with each hash, in no order.
    func forEach(_ body: (UInt64) -> Void) {
        if containsZero { body(0) }
        for hash in slots where hash != 0 { body(hash) }
    }

    /// Adds a hash; says whether it was new.
    @discardableResult
    mutating func insert(_ hash: UInt64) -> Bool {
        if hash == 0 {
            defer { containsZero = true }
            if !containsZero { count += 1 }
            return !containsZero
        }
        if (count + 1) * 3 > slots.count * 2 { grow() }
        guard place(hash) else { return false }
        count += 1
        return true
    }

    private mutating func place(_ hash: UInt64) -> Bool {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: StableHash.mixed(hash)) & mask
        while slots[index] != 0 {
            if slots[index] == hash { return false }
            index = (index + 1) & mask
        }
        slots[index] = hash
        return true
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for hash in old where hash != 0 { _ = place(hash) }
    }
}

/// Eight hexadecimal digits.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
