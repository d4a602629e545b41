/// The documents that count as duplicates; the first of each kind is kept.
public enum DuplicateRemoval: Sendable, Hashable {
    /// None.
    case none
    /// Documents whose texts are equal.
    case exact
    /// Documents whose texts are equal, or nearly so.
    case near(MinHashParameters)

    /// Equal texts, and nearly equal ones with the default parameters.
    public static let standard = DuplicateRemoval.near(MinHashParameters())
}

/// The fingerprint of a document, by which its duplicates are recognized.
struct Fingerprint: Sendable {
    let hash: UInt64
    let signature: MinHashSignature?

    init(_ text: String, for removal: DuplicateRemoval) {
        (hash, signature) = text.withUTF8Bytes { bytes in
            let hash = StableHash.hash(bytes)
            guard case .near(let parameters) = removal else { return (hash, nil) }
            return (hash, MinHashSignature(bytes, parameters))
        }
    }
}

/// The documents met so far.
struct DuplicateFinder {
    private let removal: DuplicateRemoval
    private var hashes = HashSet64()
    private var near: NearDuplicates?

    init(_ removal: DuplicateRemoval) {
        self.removal = removal
        if case .near(let parameters) = removal { near = NearDuplicates(parameters) }
    }

    /// The memory in use.
    var bytes: Int { hashes.bytes + (near?.bytes ?? 0) }

    /// The reason to drop a document, if it was met before; otherwise it is remembered.
    ///
    /// Equality is told from 64 bits: among a hundred million different texts, the chance that any two are
    /// mistaken is under one in three thousand.
    mutating func reason(for fingerprint: Fingerprint) -> DropReason? {
        if removal == .none { return nil }
        guard hashes.insert(fingerprint.hash) else { return .duplicate }
        if let signature = fingerprint.signature, near?.insert(signature) == false { return .nearDuplicate }
        return nil
    }
}

extension DropReason {
    static let duplicate = DropReason("duplicate", "its text is equal to that of a document before it")
    static let nearDuplicate = DropReason(
        "near_duplicate", "its text is nearly equal to that of a document before it")
}

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
