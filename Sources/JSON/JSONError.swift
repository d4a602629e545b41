/// Why bytes are not JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What stood there, or was missing.
    public var reason: String
    /// The offset in bytes at which reading stopped, from zero.
    public var offset: Int

    /// A failure at an offset.
    public init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One line for people.
    public var description: String { "not JSON: \(reason) at byte \(offset)" }
}
