import Conversations
import LanguageModel
import NeuralCore
import Testing

/// What a model with random weights answers where calls are held to the schemas of tools.
@Suite struct ToolCallStructureTests {
    static let tools: [JSONValue] = [
        [
            "type": "function",
            "function": [
                "name": "weather",
                "parameters": [
                    "type": "object",
                    "properties": [
                        "city": ["enum": ["Rome", "Oslo"]],
                        "days": ["type": "integer", "minimum": 1, "maximum": 9],
                    ],
                    "required": ["city", "days"], "additionalProperties": false,
                ],
            ],
        ],
        ["name": "clock"],
    ]

    /// A tokenizer of bytes, in which the parts of calls are tokens or are not.
    private static func tokenizer(_ format: ToolCallFormat?) throws -> BytePairTokenizer {
        let special = ["<|end|>"] + (format?.marks ?? [])
        return try BytePairTokenizer(
            trainedOn: ["a b c"], vocabularySize: 256 + special.count, specialTokens: special)
    }

    private static func answers(
        _ format: ToolCallFormat, _ choice: ToolChoice, hasMarks: Bool = true, isParallel: Bool = true,
        samples: Int = 12, maxTokens: Int = 600
    ) throws -> [(text: String, ending: Decoding.Ending?)] {
        let tokenizer = try tokenizer(hasMarks ? format : nil)
        var random = RandomSource(seed: 3)
        let model = Transformer(
            TransformerConfiguration(
                vocabularySize: 262, width: 32, depth: 1, heads: 2, keyValueHeads: 1, contextLength: 1_024),
            using: &random)
        let tools = try ToolDescription.list(tools)
        let structure = try #require(format.structure(of: tools, choice, isParallel: isParallel))
        var options = GenerationOptions(maxTokens: maxTokens, stopTokens: [0])
        options.constraint = try TokenConstraint(structure, TokenTrie(tokenizer, marks: format.marks))
        options.shownTokens = Set(format.marks.compactMap { tokenizer.id(ofAddedToken: $0) })
        var generation = try TextGeneration(
            StoredTransformer(model, as: .float32), tokenizer, prompts: [[100]], samples: samples,
            options: options, using: random)
        var texts = Array(repeating: "", count: samples)
        while !generation.isFinished {
            for piece in generation.step() { texts[piece.sequence] += piece.text }
        }
        return zip(texts, generation.sequences.map(\.ending)).map { ($0, $1) }
    }

    private static func expectFitting(_ calls: [ToolCall]) {
        for call in calls {
            switch call.name {
            case "clock": #expect(call.arguments == [:])
            default:
                #expect(call.name == "weather")
                #expect(call.arguments.object?.keys == ["city", "days"])
                #expect(["Rome", "Oslo"].contains(call.arguments["city"]?.string))
                #expect((1...9).contains(call.arguments["days"]?.integer ?? 0))
            }
        }
    }

    @Test(arguments: ToolCallFormat.allCases, [true, false])
    func requiredCallsFitTheirSchemas(_ format: ToolCallFormat, _ hasMarks: Bool) throws {
        let answers = try Self.answers(format, .required, hasMarks: hasMarks)
        #expect(answers.contains { $0.ending == .stopToken })
        for (text, ending) in answers where ending == .stopToken {
            let turn = try format.turn(from: text)
            #expect(turn.content.isEmpty && !turn.toolCalls.isEmpty)
            Self.expectFitting(turn.toolCalls)
        }
    }

    /// Between two calls stands what the template writes there.
    @Test(arguments: [
        (ToolCallFormat.hermes, "}\n</tool_call>\n<tool_call>\n{"), (.mistral, "}, {"),
        (.mistralArguments, "}[TOOL_CALLS]"),
    ])
    func severalCallsStandApart(_ format: ToolCallFormat, _ separator: String) throws {
        var count = 0
        for (text, ending) in try Self.answers(format, .required, samples: 24) where ending == .stopToken {
            let calls = try format.turn(from: text).toolCalls
            #expect(text.ranges(of: separator).count == calls.count - 1, "\(text)")
            count = max(count, calls.count)
        }
        #expect(count > 1)
    }

    @Test(arguments: ToolCallFormat.allCases) func aNamedToolIsCalledOnce(_ format: ToolCallFormat) throws {
        for (text, ending) in try Self.answers(format, .named("weather"), isParallel: false) {
            #expect(ending == .stopToken)
            let calls = try format.turn(from: text).toolCalls
            #expect(calls.map(\.name) == ["weather"])
            Self.expectFitting(calls)
        }
    }

    /// Random tokens are text until a mark comes, and a call from there on.
    @Test(arguments: ToolCallFormat.allCases) func textIsFreeUntilACallBegins(_ format: ToolCallFormat) throws
    {
        let answers = try Self.answers(format, .automatic, samples: 64, maxTokens: 900)
        var (called, free) = (0, 0)
        for (text, ending) in answers where ending == .stopToken {
            let turn = try format.turn(from: text)
            Self.expectFitting(turn.toolCalls)
            if turn.toolCalls.isEmpty { free += 1 } else { called += 1 }
        }
        #expect(free > 0)
        // A turn of Llama's is a call from its beginning or none.
        #expect(called > 0 || format == .llama3)
    }

    @Test func toolsWithoutParametersTakeNone() throws {
        let empty: JSONValue = ["name": "f", "parameters": ["type": "object", "properties": [:]]]
        for tool in [["name": "f"], empty] as [JSONValue] {
            #expect(try ToolDescription(tool, at: "tools[0]").parameters["additionalProperties"] == false)
        }
    }

    @Test(arguments: [
        ("3", "'tools[0]' is a number, expected an object"), ("{}", "'tools[0].name' is missing"),
        (
            #"{"type": "web_search"}"#,
            "'tools[0].type' is not supported: it is \"web_search\", and a tool is a function"
        ),
        (
            #"{"type": "function", "function": {"name": ""}}"#,
            "'tools[0].function.name' is \"\", expected a name"
        ),
        (#"{"name": "f", "parameters": 1}"#, "'tools[0].parameters' is a number, expected an object"),
        (
            #"{"name": "f", "parameters": {"type": "array"}}"#,
            "'tools[0].parameters.type' is \"array\", expected \"object\""
        ),
    ])
    func aToolThatIsNoneIsNamed(_ tool: String, _ message: String) throws {
        let tool = try JSONValue(parsing: tool)
        do throws(RecordProblem) {
            Issue.record("read \(try ToolDescription.list([tool]))")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test func twoToolsHaveTwoNames() {
        #expect(throws: RecordProblem.self) { try ToolDescription.list([["name": "f"], ["name": "f"]]) }
    }
}
