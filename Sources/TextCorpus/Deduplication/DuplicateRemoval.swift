/// Which documents count as said before; of those that say the same, the first is kept.
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

/// What is kept of a document to recognize its like.
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
