/// Why bytes are not JSON, or not the JSON that was asked for.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What stood there: the first bytes in quotes, or a phrase.
    public var found: String
    /// What should have stood there.
    public var expected: String
    /// The offset in bytes, from zero.
    public var offset: Int
    /// The line, from one.
    public var line: Int
    /// The key that was being read, such as `model.merges[3]`; empty for the document itself.
    public var path: String

    /// One line for people.
    public var description: String { "not JSON: found \(found), expected \(expected) at byte \(offset)" }

    /// The key and line.
    package var place: String { path.isEmpty ? "line \(line)" : "\(path), line \(line)" }
}
