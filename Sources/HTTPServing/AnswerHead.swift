import JSON
import LanguageModel
import Serving

/// The fields at the head of each answer and of each part of a stream.
struct AnswerHead {
    let id: String
    /// Seconds since 1970.
    let created: Int

    func json(_ kind: String, by model: ServedModel, choices: [JSONValue], usage: Usage?) -> JSONValue {
        var object: JSONObject = [
            "id": .string(id), "object": .string(kind), "created": .integer(created),
            "model": .string(model.name), "choices": .array(choices),
        ]
        if let usage { object["usage"] = usage.json }
        return .object(object)
    }
}

/// A part of a stream.
enum StreamedEvent {
    case began
    /// A piece of the answer to a prompt.
    case piece(prompt: Int, GeneratedPiece)
    case ended(Usage)
}

/// The values that a stream sends, made of what comes of requests.
///
/// - Parameter body: Called with each event, and with what sends a value.
func transformed(
    _ events: AsyncStream<(Int, ServingEvent)>,
    _ body: @escaping @Sendable (StreamedEvent, (JSONValue) -> Void) -> Void
) -> AsyncStream<JSONValue> {
    let (stream, continuation) = AsyncStream.makeStream(of: JSONValue.self)
    let send = { (value: JSONValue) in _ = continuation.yield(value) }
    let task = Task {
        var usage = Usage()
        body(.began, send)
        for await (prompt, event) in events {
            switch event {
            case .prompt(let reading): usage.known += reading.tokensKnown
            case .piece(let piece):
                usage.completion += piece.tokens.count
                body(.piece(prompt: prompt, piece), send)
            }
        }
        if !Task.isCancelled { body(.ended(usage), send) }
        continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
}
