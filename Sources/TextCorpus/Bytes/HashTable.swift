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
