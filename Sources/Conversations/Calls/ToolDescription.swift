/// The name of a tool and the schema of its arguments, as a conversation offers it.
package struct ToolDescription: Hashable, Sendable {
    /// The name that calls use.
    package var name: String
    /// The JSON schema of the arguments, an object.
    package var parameters: JSONValue

    /// Reads `{"type": "function", "function": {"name": …, "parameters": …}}`, or the inner object alone.
    ///
    /// - Parameter place: The place of the tool for messages, such as `tools[0]`.
    package init(_ json: JSONValue, at place: String) throws(RecordProblem) {
        guard let outer = json.object else {
            throw .wrongType(key: place, found: json.kind, expected: "an object")
        }
        if let type = outer["type"], type != "function", outer["function"] != nil || outer["name"] == nil {
            throw .unsupported(key: "\(place).type", reason: "it is \(type.shown), and a tool is a function")
        }
        let inner = outer["function"] ?? json
        let path = outer["function"] == nil ? place : "\(place).function"
        guard let name = inner["name"] else { throw .missing(key: "\(path).name") }
        guard let name = name.string, !name.isEmpty else {
            throw .wrongType(key: "\(path).name", found: name.shown, expected: "a name")
        }
        self.name = name
        switch inner["parameters"] {
        case nil, .null: parameters = ["type": "object", "additionalProperties": false]
        case .object(let schema):
            guard schema["type"] == nil || schema["type"] == "object" else {
                throw .wrongType(
                    key: "\(path).parameters.type", found: schema["type"]!.shown, expected: "\"object\"")
            }
            var schema = schema
            schema["type"] = "object"
            // An object that names no member has none.
            if schema["properties"]?.object?.isEmpty == true, schema["additionalProperties"] == nil {
                schema["additionalProperties"] = false
            }
            parameters = .object(schema)
        case .some(let other):
            throw .wrongType(key: "\(path).parameters", found: other.kind, expected: "an object")
        }
    }

    /// Reads the tools of a conversation, no two of which may have one name.
    package static func list(_ tools: [JSONValue]) throws(RecordProblem) -> [ToolDescription] {
        var list: [ToolDescription] = []
        for (index, tool) in tools.enumerated() {
            let tool = try ToolDescription(tool, at: "tools[\(index)]")
            guard !list.contains(where: { $0.name == tool.name }) else {
                throw .disagreement("tools[\(index)]", "another tool named \(tool.name)")
            }
            list.append(tool)
        }
        return list
    }
}
