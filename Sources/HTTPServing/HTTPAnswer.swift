import JSON
import LanguageModel
import Serving

/// The answer to a client.
public struct HTTPAnswer: Sendable {
    /// The status of HTTP.
    public let status: Int
    /// Headers besides those for the length of the body.
    public let headers: [(String, String)]
    /// The body.
    public let body: Body

    /// A body, whole or as it comes.
    public enum Body: Sendable {
        /// All of it.
        case whole([UInt8])
        /// Parts to be sent at once.
        case parts(AsyncStream<[UInt8]>)
    }

    static func json(_ value: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> HTTPAnswer {
        HTTPAnswer(
            status: status, headers: [("content-type", "application/json")] + headers,
            body: .whole(Array(value.text().utf8)))
    }

    static func text(_ text: String) -> HTTPAnswer {
        HTTPAnswer(
            status: 200, headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
            body: .whole(Array(text.utf8)))
    }

    static func error(_ error: APIError) -> HTTPAnswer {
        .json(
            error.json, status: error.status,
            headers: error.retryAfter.map { [("retry-after", "\($0)")] } ?? [])
    }

    /// Server-sent events: one for each value, and `[DONE]`.
    static func events(_ values: AsyncStream<JSONValue>) -> HTTPAnswer {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let task = Task {
            for await value in values { continuation.yield(Array("data: \(value.text())\n\n".utf8)) }
            if !Task.isCancelled { continuation.yield(Array("data: [DONE]\n\n".utf8)) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return HTTPAnswer(
            status: 200, headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")],
            body: .parts(stream))
    }
}

/// Returns the events of several requests as they arrive, with the requests' numbers. Leaving the loop ends all of them.
func merged(_ streams: [AsyncStream<ServingEvent>]) -> AsyncStream<(Int, ServingEvent)> {
    let (stream, continuation) = AsyncStream.makeStream(of: (Int, ServingEvent).self)
    let task = Task {
        await withTaskGroup(of: Void.self) { group in
            for (index, events) in streams.enumerated() {
                group.addTask { for await event in events { continuation.yield((index, event)) } }
            }
        }
        continuation.finish()
    }
    continuation.onTermination = { _ in task.cancel() }
    return stream
}

extension ServingEngine {
    /// Serves requests side by side; none of them where one cannot be served.
    func merged(_ requests: [ServingRequest]) throws(APIError) -> AsyncStream<(Int, ServingEvent)> {
        var streams: [AsyncStream<ServingEvent>] = []
        for request in requests {
            do throws(ServingError) { streams.append(try events(of: request)) } catch {
                throw APIError(error)
            }
        }
        return HTTPServing.merged(streams)
    }
}
