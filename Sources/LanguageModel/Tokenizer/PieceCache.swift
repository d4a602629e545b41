/// The ids of pieces met before, so that the common words of a text are merged once.
///
/// A fixed table in which a new piece replaces the one in its place: memory is bounded, and a lookup touches half a
/// cache line. Only pieces of at most 15 bytes that make at most four tokens are kept.
struct PieceCache: Sendable {
    static let longestPiece = 15
    static let mostTokens = 4
    private static let bits = 16

    /// A piece of at most 15 bytes as two words, its length in the topmost byte.
    struct Key: Equatable {
        fileprivate var low: UInt64
        fileprivate var high: UInt64

        /// - Parameter readable: The number of readable bytes from the start, at least `length`.
        @inline(__always)
        init(_ start: UnsafePointer<UInt8>, length: Int, readable: Int) {
            if readable >= 16 {
                let raw = UnsafeRawPointer(start)
                low = raw.loadUnaligned(as: UInt64.self)
                high = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                if length < 8 {
                    low &= (1 << UInt64(8 * length)) &- 1
                    high = 0
                } else {
                    high &= (1 << UInt64(8 * (length - 8))) &- 1
                }
            } else {
                low = 0
                high = 0
                for index in 0..<length {
                    let byte = UInt64(start[index])
                    if index < 8 {
                        low |= byte << UInt64(8 * index)
                    } else {
                        high |= byte << UInt64(8 * (index - 8))
                    }
                }
            }
            high |= UInt64(length) << 56
        }

        @inline(__always)
        fileprivate var slot: Int {
            let folded = (low ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: high ^ 0xD6E8_FEB8_6659_FD93)
            return Int(truncatingIfNeeded: (folded.high ^ folded.low) >> UInt64(64 - PieceCache.bits))
        }
    }

    fileprivate struct Entry: Sendable {
        var low: UInt64 = 0
        /// The key's upper word with the number of tokens in bits 60 to 63.
        var high: UInt64 = 0
        var ids = SIMD4<Int32>()
    }

    private var entries = ContiguousArray<Entry>(repeating: Entry(), count: 1 << bits)

    /// Calls `body` with a view of the cache whose accesses check no bounds.
    @inline(__always)
    mutating func withAccess<Result>(_ body: (Access) -> Result) -> Result {
        entries.withUnsafeMutableBufferPointer { body(Access(entries: $0.baseAddress.unsafelyUnwrapped)) }
    }

    /// A borrowed view of a cache.
    struct Access {
        fileprivate let entries: UnsafeMutablePointer<Entry>
        private static let countShift: UInt64 = 60

        /// The number of tokens of a piece, and the tokens in the first places, if the piece is known.
        @inline(__always)
        func find(_ key: Key) -> (count: Int, ids: SIMD4<Int32>)? {
            let entry = entries[key.slot]
            let keyPart: UInt64 = (1 << Self.countShift) - 1
            guard entry.low == key.low, entry.high & keyPart == key.high else { return nil }
            return (Int(truncatingIfNeeded: entry.high >> Self.countShift), entry.ids)
        }

        /// Remembers the tokens of a piece, if they are few enough.
        func insert(_ key: Key, _ ids: UnsafeBufferPointer<Int32>) {
            guard ids.count <= PieceCache.mostTokens else { return }
            var entry = Entry(low: key.low, high: key.high | UInt64(ids.count) << Self.countShift)
            for (index, id) in ids.enumerated() { entry.ids[index] = id }
            entries[key.slot] = entry
        }
    }
}
