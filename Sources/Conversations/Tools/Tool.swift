import Foundation

/// A program that a model may call: a name, what it is for, a schema of its arguments, and what it does.
///
/// ```swift
/// struct Place: Decodable { var city: String; var days: Int? }
///
/// let weather = try Tool("weather", "The weather of a city.", describing: ["days": "Days from today."]) { (place: Place) in
///     "sunny in \(place.city)"
/// }
/// ```
///
/// A tool that throws has failed: the model is told so, and the conversation goes on.
public struct Tool: Sendable {
    /// The name that calls use.
    public let name: String
    /// What it is for, for the model to read.
    public let purpose: String
    /// The JSON schema of the arguments, an object.
    public let parameters: JSONValue
    private let body: @Sendable (JSONValue) async throws -> String

    /// A tool whose arguments are a Swift type.
    ///
    /// - Parameters:
    ///   - name: The name that calls use.
    ///   - purpose: What it is for.
    ///   - descriptions: What the model is told of keys of the arguments.
    ///   - body: What it does. A string is the result as it is, any other value becomes JSON.
    /// - Throws: ``ToolSchemaError`` where the type has no schema that can be found.
    public init<Arguments: Decodable & SendableMetatype, Result: Encodable & SendableMetatype>(
        _ name: String, _ purpose: String, describing descriptions: [String: String] = [:],
        _ body: @escaping @Sendable (Arguments) async throws -> Result
    ) throws(ToolSchemaError) {
        self.init(
            name, purpose, parameters: try schema(of: Arguments.self, describing: descriptions)
        ) { arguments in
            let result = try await body(try arguments.decoded(as: Arguments.self))
            if let text = result as? String { return text }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(result), as: UTF8.self)
        }
    }

    /// A tool whose arguments are described by a schema.
    ///
    /// - Parameters:
    ///   - name: The name that calls use.
    ///   - purpose: What it is for.
    ///   - parameters: A JSON schema of an object, as `JSONSchema` supports it.
    ///   - body: What it does with its arguments.
    public init(
        _ name: String, _ purpose: String, parameters: JSONValue,
        _ body: @escaping @Sendable (JSONValue) async throws -> String
    ) {
        self.name = name
        self.purpose = purpose
        self.parameters = parameters
        self.body = body
    }

    /// The tool as chat templates are told of it.
    public var json: JSONValue { Self.json(name, purpose, parameters: parameters) }

    /// A tool as chat templates are told of it.
    package static func json(_ name: String, _ purpose: String, parameters: JSONValue) -> JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(name), "description": .string(purpose), "parameters": parameters,
            ],
        ]
    }

    /// What it gives for arguments.
    ///
    /// - Throws: What the tool throws; a `JSONMismatch` where the arguments are not what it takes.
    public func callAsFunction(_ arguments: JSONValue) async throws -> String { try await body(arguments) }
}

/// The limits of an answer in which tools are called.
public struct ToolLimits: Hashable, Sendable {
    /// The most turns of the assistant.
    public var turns: Int
    /// The most time for the whole answer.
    public var time: Duration
    /// The most time for a call; a tool that takes longer has failed, and its task is canceled.
    public var timePerCall: Duration
    /// The most bytes of a result; a longer one is cut, and says so.
    public var resultBytes: Int

    /// Limits for a short errand.
    public init(
        turns: Int = 8, time: Duration = .seconds(120), timePerCall: Duration = .seconds(30),
        resultBytes: Int = 16_384
    ) {
        self.turns = turns
        self.time = time
        self.timePerCall = timePerCall
        self.resultBytes = resultBytes
    }
}

extension [Tool] {
    /// Runs calls side by side.
    ///
    /// - Returns: The results in the order of the calls. An error of a tool, or a call of none that there is, is a result.
    package func results(
        of calls: [ToolCall], _ limits: ToolLimits, until deadline: ContinuousClock.Instant
    ) async -> [Message] {
        await outcomes(of: calls, limits, until: deadline).map(\.message)
    }

    /// Runs calls side by side.
    ///
    /// - Returns: The results in the order of the calls, and whether each is a failure.
    package func outcomes(
        of calls: [ToolCall], _ limits: ToolLimits, until deadline: ContinuousClock.Instant
    ) async -> [(message: Message, isFailure: Bool)] {
        await withTaskGroup(of: (Int, ToolOutcome).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await self.outcome(of: call, limits, until: deadline)) }
            }
            var results = calls.map { (message: Message.tool("", name: $0.name), isFailure: false) }
            for await (index, outcome) in group {
                results[index].message.content = outcome.text
                results[index].message.toolCallID = calls[index].id
                results[index].isFailure = outcome.isFailure
            }
            return results
        }
    }

    private func outcome(
        of call: ToolCall, _ limits: ToolLimits, until deadline: ContinuousClock.Instant
    ) async -> ToolOutcome {
        guard let tool = first(where: { $0.name == call.name }) else {
            return .failure(
                "there is no tool \(call.name); there is \(map(\.name).joined(separator: ", "))")
        }
        let clock = ContinuousClock()
        let end = Swift.min(deadline, clock.now + limits.timePerCall)
        var outcome = await FirstResult.of {
            do {
                return ToolOutcome(text: try await tool(call.arguments), isFailure: false)
            } catch {
                return .failure("\(error)")
            }
        } orElse: {
            try? await clock.sleep(until: end)
            return .failure("\(call.name) did not end in time")
        }
        let bytes = outcome.text.utf8
        guard bytes.count > limits.resultBytes else { return outcome }
        outcome.text =
            String(decoding: bytes.prefix(limits.resultBytes), as: UTF8.self)
            + "\n… cut after \(limits.resultBytes) of \(bytes.count) bytes"
        return outcome
    }
}

/// What came of a call.
private struct ToolOutcome: Sendable {
    var text: String
    var isFailure: Bool

    /// A failure as the model reads it.
    static func failure(_ reason: String) -> ToolOutcome {
        ToolOutcome(text: JSONValue.object(["error": .string(reason)]).text(), isFailure: true)
    }
}
