/// The number of occurrences of each distinct piece.
///
/// Pieces lie in one block of memory, which grows with the distinct pieces, not with the text.
struct PieceCounts: Sendable {
    private struct Entry: Sendable {
        var start: Int
        var length: Int
        var count: Int
    }

    private var bytes: ContiguousArray<UInt8> = []
    private var entries: ContiguousArray<Entry> = []
    /// The upper half of a piece's hash, and one more than its entry's index; 0 where there is none.
    private var slots = ContiguousArray<UInt64>(repeating: 0, count: 1 << 12)
    private let hash: ByteHash

    /// - Parameter hash: Tables that will be added together should share one.
    init(hash: ByteHash = ByteHash()) { self.hash = hash }

    /// The number of distinct pieces.
    var count: Int { entries.count }

    /// Counts a piece.
    mutating func add(_ piece: UnsafeBufferPointer<UInt8>, times: Int = 1) {
        let pieceHash = hash.hash(piece)
        let tag = pieceHash & ~0xFFFF_FFFF
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: pieceHash) & mask
        while slots[slot] != 0 {
            if slots[slot] & ~0xFFFF_FFFF == tag {
                let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if matches(piece, entries[index]) {
                    entries[index].count += times
                    return
                }
            }
            slot = (slot + 1) & mask
        }
        entries.append(Entry(start: bytes.count, length: piece.count, count: times))
        bytes.append(contentsOf: piece)
        slots[slot] = tag | UInt64(entries.count)
        if 2 * entries.count > slots.count { grow() }
    }

    /// Adds another table's counts.
    mutating func add(_ other: PieceCounts) {
        other.forEach { piece, count in add(piece, times: count) }
    }

    /// Calls `body` with each piece and its count, in no particular order.
    func forEach(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            for entry in entries {
                body(
                    UnsafeBufferPointer(rebasing: bytes[entry.start..<entry.start + entry.length]),
                    entry.count)
            }
        }
    }

    @inline(__always)
    private func matches(_ piece: UnsafeBufferPointer<UInt8>, _ entry: Entry) -> Bool {
        guard entry.length == piece.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<piece.count where bytes[entry.start + offset] != piece[offset] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = ContiguousArray(repeating: 0, count: 2 * slots.count)
        let mask = slots.count - 1
        for (index, entry) in entries.enumerated() {
            let pieceHash = bytes.withUnsafeBufferPointer { bytes in
                hash.hash(UnsafeBufferPointer(rebasing: bytes[entry.start..<entry.start + entry.length]))
            }
            var slot = Int(truncatingIfNeeded: pieceHash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = pieceHash & ~0xFFFF_FFFF | UInt64(index + 1)
        }
    }
}
