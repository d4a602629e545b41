/// What the computation of one part of a step found beside its gradient: numbers in an order of its own, and figures by name.
///
/// It goes from rank to rank as bytes, bit by bit.
package struct PartFigures: Sendable, Hashable {
    /// Numbers, in an order that the method knows.
    package var numbers: [Double] = []
    /// Figures by name.
    package var named: [String: Float] = [:]

    /// Nothing yet.
    package init() {}

    /// Numbers.
    package init(_ numbers: [Double]) { self.numbers = numbers }

    /// Numbers of single precision, each kept as it is.
    package init(_ numbers: some Collection<Float>) { self.numbers = numbers.map(Double.init) }

    /// The numbers in single precision.
    package var floats: [Float] { numbers.map { Float($0) } }

    /// Takes what stands next among the numbers of parts.
    fileprivate static func word(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
        defer { bytes.removeFirst(8) }
        return bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    fileprivate func append(to bytes: inout [UInt8]) {
        func append(_ word: UInt64) {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt64(numbers.count))
        for number in numbers { append(number.bitPattern) }
        append(UInt64(named.count))
        for (name, value) in named.sorted(by: { $0.key < $1.key }) {
            append(UInt64(value.bitPattern))
            append(UInt64(name.utf8.count))
            bytes.append(contentsOf: name.utf8)
        }
    }

    fileprivate init(_ bytes: inout ArraySlice<UInt8>) {
        let count = Int(Self.word(&bytes))
        numbers = (0..<count).map { _ in Double(bitPattern: Self.word(&bytes)) }
        let names = Int(Self.word(&bytes))
        for _ in 0..<names {
            let value = Float(bitPattern: UInt32(Self.word(&bytes)))
            let length = Int(Self.word(&bytes))
            named[String(decoding: bytes.prefix(length), as: UTF8.self)] = value
            bytes.removeFirst(length)
        }
    }
}

extension [PartFigures] {
    /// The figures of consecutive parts as bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for figures in self { figures.append(to: &bytes) }
        return bytes
    }

    /// The figures that bytes of ``bytes`` stand for.
    package init(_ bytes: [UInt8]) {
        self = []
        var rest = bytes[...]
        while !rest.isEmpty { append(PartFigures(&rest)) }
    }
}
