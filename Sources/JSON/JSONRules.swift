/// What a reader of JSON takes beyond the letter of RFC 8259, and where it stops.
package struct JSONRules: Sendable {
    /// What becomes of a key that stands in an object twice.
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
