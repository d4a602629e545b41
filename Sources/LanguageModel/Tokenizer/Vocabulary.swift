/// Tokens as byte strings, numbered by their ids, and the way back from bytes to id.
///
/// Ids may have gaps, which hold empty tokens that no bytes lead to.
struct Vocabulary: Sendable {
    private let tokens: ByteStrings
    /// Ids by the hash of their bytes; a power of two, at most half of them used.
    private var slots: ContiguousArray<Int32>
    private let hash = ByteHash()

    /// - Parameters:
    ///   - tokens: The bytes of each id; empty where there is no such token.
    ///   - shadowed: Ids that bytes lead to only if no other token has the same bytes.
    init(_ tokens: ByteStrings, shadowed: Set<Int32> = []) {
        self.tokens = tokens
        slots = ContiguousArray(repeating: -1, count: (2 * tokens.count + 1).roundedUpToPowerOfTwo)
        for id in 0..<Int32(tokens.count) where !shadowed.contains(id) { index(id) }
        for id in shadowed.sorted() { index(id) }
    }

    private mutating func index(_ id: Int32) {
        let free = withBytes(of: id) { token -> Int? in token.isEmpty ? nil : slot(of: token) }
        if let free, slots[free] < 0 { slots[free] = id }
    }

    /// One more than the highest id.
    var count: Int { tokens.count }

    /// Returns whether there is a token with this id.
    func contains(_ id: Int32) -> Bool {
        withBytes(of: id) { !$0.isEmpty }
    }

    /// The bytes of a token; none where there is no token of that id.
    subscript(id: Int32) -> [UInt8] {
        withBytes(of: id) { Array($0) }
    }

    /// Calls `body` with the bytes of a token; none where there is no token of that id.
    @inline(__always)
    func withBytes<Result>(of id: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        guard id >= 0, Int(id) < tokens.count else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        return tokens.withBytes(at: Int(id), body)
    }

    /// The id of the token with these bytes.
    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        let id = slots[slot(of: token)]
        return id < 0 ? nil : id
    }

    /// The id of the token with these bytes.
    func id(of token: [UInt8]) -> Int32? {
        token.withUnsafeBufferPointer { id(of: $0) }
    }

    /// The slot that holds these bytes, or else the empty one where they belong.
    private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash.hash(token)) & mask
        while slots[slot] >= 0, !withBytes(of: slots[slot], { $0.elementsEqual(token) }) {
            slot = (slot + 1) & mask
        }
        return slot
    }
}
