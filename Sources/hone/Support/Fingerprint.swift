/// Tells what runs are made of apart: FNV-1a in 64 bits, the same on every machine.
///
/// It recognises what was changed by accident; it is no protection against who changes things on purpose.
struct Fingerprint {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Goes on with a number of up to 64 bits, as one step.
    mutating func add(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01B3 }

    /// Goes on with bytes.
    mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(UInt64(byte)) } }

    /// The fingerprint in hexadecimal digits.
    var text: String { String(hash, radix: 16) }
}
