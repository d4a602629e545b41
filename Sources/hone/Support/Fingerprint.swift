import LanguageModel
import NeuralCore

/// Tells what runs are made of apart: FNV-1a in 64 bits, the same on every machine.
///
/// It recognizes what was changed by accident; it is no protection against who changes things on purpose.
struct Fingerprint {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    /// Goes on with a number of up to 64 bits, as one step.
    mutating func add(_ number: UInt64) { hash = (hash ^ number) &* Self.prime }

    /// Goes on with bytes.
    mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(UInt64(byte)) } }

    /// Goes on with many bytes, at about the speed of memory: eight bytes a step in four chains that do not wait for
    /// one another. A step rotates as well, for multiplication alone never moves a bit down.
    mutating func add(bulk bytes: UnsafeRawBufferPointer) {
        var (a, b, c, d) = (hash, hash &+ 1, hash &+ 2, hash &+ 3)
        func mixed(_ chain: UInt64, _ place: Int) -> UInt64 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let product = (chain ^ word) &* 0x9E37_79B9_7F4A_7C15
            return product << 31 | product >> 33
        }
        let whole = bytes.count / 32 * 32
        for place in stride(from: 0, to: whole, by: 32) {
            a = mixed(a, place)
            b = mixed(b, place + 8)
            c = mixed(c, place + 16)
            d = mixed(d, place + 24)
        }
        for chain in [a, b, c, d] { add(chain) }
        add(bytes[whole...])
        add(UInt64(bytes.count))
    }

    /// The fingerprint in hexadecimal digits.
    var text: String { String(hash, radix: 16) }
}

extension Fingerprint {
    /// Of all that a model computes: the names, shapes and values of its parameters, and its configuration.
    ///
    /// It is taken of the model in memory and not of its files, so it is the same for the same folder under another
    /// path, one file or several, an adapter's base included; and it needs no cache, since hashing costs less than
    /// the reading did.
    init(of parameters: some Module, _ configuration: TransformerConfiguration) {
        // As it is written, so that a property which most models lack changes nothing for them.
        add(configuration.configurationFile(architecture: "", dtype: ""))
        for (name, value) in parameters.parameters {
            add(name.utf8)
            add("\(value.shape)".utf8)
            value.withUnsafeBuffer { add(bulk: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Of all that a transformer computes.
    init(of model: Transformer) { self.init(of: model, model.configuration) }
}
