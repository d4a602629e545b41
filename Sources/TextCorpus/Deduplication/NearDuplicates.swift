/// The signatures of the texts kept so far, found again by their bands.
///
/// A text takes `2 · bands · rows` bytes for its signature, and some six bytes a band for the table: about
/// 350 bytes with the default parameters, whatever its length. The first text to show a band's values keeps
/// the place; so looking up takes constant time, also among texts made to agree in a band.
package struct NearDuplicates {
    private let parameters: MinHashParameters
    private var signatures: [UInt16] = []
    private var count = 0
    /// Numbers of texts plus one, open addressing; zero is empty.
    private var slots = [UInt32](repeating: 0, count: 1 << 10)
    private var used = 0

    package init(_ parameters: MinHashParameters) { self.parameters = parameters }

    /// The memory in use.
    package var bytes: Int { signatures.count * 2 + slots.count * 4 }

    private var length: Int { parameters.bands * parameters.rows }

    /// Adds a text unless it is a near-duplicate of one that was added before; says whether it was added.
    package mutating func insert(_ signature: MinHashSignature) -> Bool {
        let values = signature.values
        for band in 0..<parameters.bands {
            if let candidate = find(values, band), agreement(values, candidate) >= parameters.similarity {
                return false
            }
        }
        // Signatures beyond this number could not be counted in 32 bits.
        guard count < UInt32.max - 1 else { return true }
        signatures.append(contentsOf: values)
        count += 1
        for band in 0..<parameters.bands { place(count - 1, band) }
        return true
    }

    private func agreement(_ values: [UInt16], _ other: Int) -> Double {
        let start = other * length
        var equal = 0
        for index in 0..<length where signatures[start + index] == values[index] { equal += 1 }
        return Double(equal) / Double(length)
    }

    private func find(_ values: [UInt16], _ band: Int) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(values[...], band)) & mask
        while slots[slot] != 0 {
            let other = Int(slots[slot] - 1)
            if agrees(values[...], band, other) { return other }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func place(_ number: Int, _ band: Int) {
        if (used + 1) * 3 > slots.count * 2 { grow() }
        let values = signatures[number * length..<(number + 1) * length]
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(values, band)) & mask
        while slots[slot] != 0 {
            if agrees(values, band, Int(slots[slot] - 1)) { return }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(number + 1)
        used += 1
    }

    /// Doubles the table. A slot does not say which band it stands for, so all texts are placed anew, in
    /// their order.
    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        used = 0
        for number in 0..<count {
            for band in 0..<parameters.bands { place(number, band) }
        }
    }

    private func agrees(_ values: ArraySlice<UInt16>, _ band: Int, _ other: Int) -> Bool {
        let start = other * length
        for row in band * parameters.rows..<(band + 1) * parameters.rows
        where signatures[start + row] != values[values.startIndex + row] { return false }
        return true
    }

    private func hash(_ values: ArraySlice<UInt16>, _ band: Int) -> UInt64 {
        var hash = UInt64(band)
        for row in band * parameters.rows..<(band + 1) * parameters.rows {
            hash = StableHash.mixed(hash &* 31 &+ UInt64(values[values.startIndex + row]) &+ 1)
        }
        return hash
    }
}
