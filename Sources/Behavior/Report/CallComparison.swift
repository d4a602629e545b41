public import Conversations

/// Whether calls are those that were expected: as many, in the same order, of the same tools with the same arguments.
///
/// The order of keys, keys that are null, the kind of a number and the ids of calls do not matter.
public struct CallComparison: Hashable, Sendable {
    /// True if all calls are as expected.
    public var isExact: Bool
    /// True if the same tools are called, whatever the arguments.
    public var hasNames: Bool
    /// The number of calls that were made.
    public var made: Int
    /// The number of calls that were expected.
    public var expected: Int

    /// Compares calls.
    public init(_ calls: [ToolCall], expected: [ToolCall]) {
        hasNames = calls.map(\.name) == expected.map(\.name)
        isExact = hasNames && zip(calls, expected).allSatisfy { $0.arguments.means($1.arguments) }
        (made, self.expected) = (calls.count, expected.count)
    }
}

extension JSONValue {
    /// True if two values say the same.
    fileprivate func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.object(let one), .object(let two)):
            (one.keys + two.keys).allSatisfy { (one[$0] ?? .null).means(two[$0] ?? .null) }
        case (.array(let one), .array(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.means($1) }
        default: self == other || number != nil && number == other.number
        }
    }
}
