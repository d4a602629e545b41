public import Conversations

/// A model's answer.
public struct Response: Hashable, Sendable, Codable {
    /// The answer.
    public var text: String
    /// The probability that the model itself gives the answer of being right, in [0, 1], where it gives one.
    public var probability: Double?
    /// The calls of tools that it makes.
    public var calls: [ToolCall]

    /// An answer.
    public init(_ text: String, probability: Double? = nil, calls: [ToolCall] = []) {
        self.text = text
        self.probability = probability
        self.calls = calls
    }
}
