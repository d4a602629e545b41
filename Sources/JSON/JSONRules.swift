/// The extensions of RFC 8259 that a reader of JSON accepts, and its limits.
package struct JSONRules: Sendable {
    /// The treatment of a repeated key in an object.
    package enum RepeatedKeys: Sendable {
        /// The last value is kept, as Python does.
        case last
        /// It is an error, since two readers could see two documents.
        case refused
    }

    /// The most containers inside one another.
    package var depth = 256
    package var repeatedKeys = RepeatedKeys.last
    /// Whether malformed UTF-8 and halves of surrogate pairs become U+FFFD; otherwise they are errors.
    package var repairsText = false
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, and numbers beyond Double infinite, as in Python.
    package var allowsNonFinite = false

    package init(
        depth: Int = 256, repeatedKeys: RepeatedKeys = .last, repairsText: Bool = false,
        allowsNonFinite: Bool = false
    ) {
        self.depth = depth
        self.repeatedKeys = repeatedKeys
        self.repairsText = repairsText
        self.allowsNonFinite = allowsNonFinite
    }
}

/// Why bytes are not JSON, or not the JSON that was asked for.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first bytes found there in quotes, or a phrase.
    public var found: String
    /// A description of the text expected there.
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
