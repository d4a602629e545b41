package import JSON

extension Tool {
    /// The description of a tool of a built-in environment, all of whose arguments are required.
    ///
    /// - Parameter arguments: The name of each argument, with its type in JSON schema.
    package static func description(
        _ name: String, _ purpose: String, _ arguments: KeyValuePairs<String, String>
    ) -> JSONValue {
        let types = JSONObject(arguments.map { ($0, ["type": .string($1)]) })
        return Tool.json(
            name, purpose,
            parameters: [
                "type": "object", "properties": .object(types),
                "required": .array(arguments.map { .string($0.key) }),
            ])
    }
}

/// Why a call failed, as the policy is told.
package struct CallFailure: Error {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    /// There is no tool of the name that is called.
    package init(noToolFor call: ToolCall) { reason = "there is no tool \(call.name)" }
}

extension EpisodeTurn {
    /// Runs the calls of the turn, one after another.
    ///
    /// - Parameter result: What a call gives; what it throws is told to the policy as a failure.
    package func running(
        _ result: (_ call: ToolCall) throws(CallFailure) -> String
    ) -> EnvironmentStep {
        var messages: [Message] = []
        var failed = 0
        for call in calls {
            let text: String
            do throws(CallFailure) { text = try result(call) } catch {
                failed += 1
                text = JSONValue.object(["error": .string(error.reason)]).text()
            }
            messages.append(.tool(text, name: call.name))
        }
        return .next(messages, failedCalls: failed)
    }
}
