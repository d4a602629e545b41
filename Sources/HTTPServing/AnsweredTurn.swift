import Conversations
import JSON
import LanguageModel
internal import Synchronization

/// The assistant's turn as it comes, in the members of OpenAI's messages.
struct AnsweredTurn {
    private var thinking: ReasoningStream
    private var stream: ToolCallStream?
    private var isMalformed = false
    /// The calls that are complete, each with an id.
    private(set) var calls: [ToolCall] = []

    /// - Parameters:
    ///   - format: How calls are written; nil where all is text.
    ///   - beginsThinking: Whether the prompt opened a thinking part.
    init(_ format: ToolCallFormat?, beginsThinking: Bool) {
        thinking = ReasoningStream(beginsThinking: beginsThinking)
        stream = format.map { ToolCallStream($0) }
    }

    /// Takes in a piece.
    ///
    /// - Returns: The thinking and the text that it adds, and the calls that it completes.
    mutating func append(_ piece: GeneratedPiece) -> (
        reasoning: String, text: String, calls: ArraySlice<ToolCall>
    ) {
        var parts = thinking.append(piece.text)
        if piece.ending != nil {
            let end = thinking.finish()
            parts = (parts.reasoning + end.reasoning, parts.answer + end.answer)
        }
        guard stream != nil else { return (parts.reasoning, parts.answer, []) }
        let before = calls.count
        var text = stream!.append(parts.answer)
        if piece.ending != nil {
            let end = stream!.finish()
            text += end.text
            isMalformed = end.problem != nil
        }
        for var call in stream!.calls[before...] {
            call.id = call.id ?? Self.id()
            calls.append(call)
        }
        return (parts.reasoning, text, calls[before...])
    }

    /// The word for its ending in `finish_reason`.
    func finishReason(_ ending: Decoding.Ending) -> JSONValue {
        calls.isEmpty || isMalformed || ending == .length ? ending.finishReason : "tool_calls"
    }

    /// Nine letters and digits, which is the form that Mistral's templates ask for.
    private static func id() -> String {
        String(
            (0..<9).map { _ in
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".randomElement()!
            })
    }
}

extension ToolCall {
    /// This call as a message of OpenAI's has it, with the arguments as text.
    var answered: JSONValue {
        [
            "id": id.map(JSONValue.string) ?? .null, "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments.text(.compact))],
        ]
    }

    /// The two parts of a stream that say it: which tool, and the arguments.
    func deltas(index: Int) -> [JSONValue] {
        let begin: JSONValue = [
            "index": .integer(index), "id": id.map(JSONValue.string) ?? .null, "type": "function",
            "function": ["name": .string(name), "arguments": ""],
        ]
        let rest: JSONValue = [
            "index": .integer(index), "function": ["arguments": .string(arguments.text(.compact))],
        ]
        return [begin, rest].map { ["tool_calls": .array([$0])] }
    }
}

/// The turns of an answer's samples, as they are streamed.
final class AnsweredTurns: Sendable {
    private let turns: Mutex<[AnsweredTurn]>

    init(_ format: ToolCallFormat?, samples: Int, beginsThinking: Bool) {
        turns = Mutex(
            Array(repeating: AnsweredTurn(format, beginsThinking: beginsThinking), count: samples))
    }

    /// Takes in a piece.
    ///
    /// - Returns: The thinking and the text that it adds, the calls that it completes with the number of the first, and the
    ///   word for the ending.
    func append(_ piece: GeneratedPiece) -> (
        reasoning: String, text: String, calls: [(index: Int, call: ToolCall)], ending: JSONValue?
    ) {
        turns.withLock { turns in
            let added = turns[piece.sequence].append(piece)
            return (
                added.reasoning, added.text, added.calls.indices.map { ($0, added.calls[$0]) },
                piece.ending.map { turns[piece.sequence].finishReason($0) }
            )
        }
    }
}
