import Conversations
import JSON
import LanguageModel

/// The tools of a request, and which of them are to be called.
struct ToolFields {
    /// The tools as the template is told of them; none where none may be called.
    let offered: [JSONValue]
    let choice: ToolChoice
    private let descriptions: [ToolDescription]
    private let isParallel: Bool

    /// Takes `tools`, `tool_choice` and `parallel_tool_calls`.
    init(_ fields: inout RequestFields) throws(APIError) {
        let most = 128
        let value = fields.take("tools") ?? []
        guard let list = value.array, list.count <= most else {
            throw fields.wrong("tools", value, "a list of at most \(most) tools")
        }
        var tools: [JSONValue] = []
        for (index, tool) in list.enumerated() { tools.append(try Self.tool(tool, at: "tools[\(index)]")) }
        do throws(RecordProblem) { descriptions = try ToolDescription.list(tools) } catch {
            throw .invalid("tools", "\(error)")
        }
        isParallel = try fields.flag("parallel_tool_calls") ?? true
        choice = try Self.choice(&fields, among: descriptions.map(\.name))
        offered = choice == .none ? [] : tools
    }

    /// The bytes of names.
    private static let characters = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)

    /// A tool with the members that a template knows.
    private static func tool(_ value: JSONValue, at place: String) throws(APIError) -> JSONValue {
        guard let object = value.object else {
            throw .invalid("tools", "\(place) is \(value.shown); expected an object")
        }
        var fields = RequestFields(object, at: place + ".")
        let type = try fields.string("type")
        guard type == "function" else {
            throw .invalid("tools", "\(place).type is \(type ?? "missing"); expected function")
        }
        guard var inner = try fields.fields("function") else {
            throw .invalid("tools", "\(place).function is missing")
        }
        try fields.finish()
        let name = try inner.string("name") ?? ""
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(characters.contains) else {
            throw .invalid(
                "tools",
                "\(place).function.name is \(JSONValue.string(name).shown); expected 1 to 64 of a-z, A-Z, 0-9, _ and -"
            )
        }
        var function: JSONObject = ["name": .string(name)]
        if let text = try inner.string("description") { function["description"] = .string(text) }
        if let schema = inner.take("parameters") { function["parameters"] = schema }
        // Calls keep to the schema whether or not this is asked for.
        _ = try inner.flag("strict")
        try inner.finish()
        return ["type": "function", "function": .object(function)]
    }

    private static func choice(
        _ fields: inout RequestFields, among names: [String]
    ) throws(APIError) -> ToolChoice {
        let given = fields.take("tool_choice")
        let expected = "none, auto, required or {\"type\": \"function\", \"function\": {\"name\": …}}"
        var choice = ToolChoice.automatic
        switch given {
        case nil, "auto": break
        case "none": choice = .none
        case "required": choice = .required
        case .object(let object)?:
            guard object["type"] == "function", let name = object["function"]?["name"]?.string else {
                throw fields.wrong("tool_choice", given!, expected)
            }
            guard names.contains(name) else {
                throw .invalid(
                    "tool_choice", "tool_choice is \(name); there is \(names.joined(separator: ", "))")
            }
            choice = .named(name)
        case .some(let other): throw fields.wrong("tool_choice", other, expected)
        }
        guard names.isEmpty else { return choice }
        guard choice != .required else { throw .invalid("tool_choice", "tool_choice needs tools") }
        return .none
    }

    /// Holds the calls of an answer to the tools' schemas; nil where none are called.
    ///
    /// - Parameters:
    ///   - model: The model that answers.
    ///   - schema: What an answer without calls is a value of; nil for any text.
    func structure(for model: ServedModel, else schema: JSONValue?) throws(APIError) -> TextStructure? {
        guard choice != .none else { return nil }
        guard let format = model.callFormat else {
            throw .invalid(
                "tools",
                "tools is not supported by \(model.name): its chat template writes no calls in a known form")
        }
        return format.structure(
            of: descriptions, choice, isParallel: isParallel,
            else: schema.map { .value($0, of: "response_format") })
    }
}
