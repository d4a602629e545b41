/// A change made to text before it is split.
enum TextChange: Equatable, Sendable {
    /// To Unicode normalization form C.
    case composed
    /// A prefix before any text that is not empty.
    case prepended([UInt8])
    /// One string in place of every occurrence of another.
    case replaced([UInt8], with: [UInt8])

    /// The changed bytes, or nil if nothing changes.
    func applied(to bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        switch self {
        case .composed: CanonicalComposition.composed(bytes)
        case .prepended(let prefix): bytes.isEmpty || prefix.isEmpty ? nil : prefix + bytes
        case .replaced(let old, let new): Self.replacing(old, with: new, in: bytes)
        }
    }

    private static func replacing(
        _ old: [UInt8], with new: [UInt8], in bytes: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        guard let first = old.first, bytes.contains(first) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        var position = 0
        while position < bytes.count {
            if bytes[position] == first, bytes[position...].starts(with: old) {
                result += new
                position += old.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }
}

extension [TextChange] {
    /// Calls `body` with the bytes after all changes.
    func apply<Result>(
        to bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        var changed: [UInt8]?
        for step in self {
            // A step that leaves the changed text alone leaves it changed.
            let next =
                if let changed { changed.withUnsafeBufferPointer(step.applied) } else {
                    step.applied(to: bytes)
                }
            changed = next ?? changed
        }
        return changed?.withUnsafeBufferPointer(body) ?? body(bytes)
    }
}
