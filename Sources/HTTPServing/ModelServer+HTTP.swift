#if Server
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
import Serving
internal import Synchronization

/// Why a server cannot listen at its address.
public struct ListeningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's number of the error.
    public let errno: Int32

    /// True if another program listens there.
    public var isInUse: Bool { errno == EADDRINUSE }

    /// The system's words.
    public var description: String { String(cString: strerror(errno)) }
}

extension ModelServer {
    /// Answers requests of HTTP 1.1 until the process is asked to end by SIGTERM or SIGINT; what is being answered then
    /// is finished first.
    ///
    /// Bodies, headers, the number of connections and the time that a client takes are bounded. A client that disconnects
    /// ends its requests.
    ///
    /// - Parameters:
    ///   - host: The name or number of the address to listen at.
    ///   - port: The port; 0 for any that is free.
    ///   - limits: What clients may take.
    ///   - logger: Is told of what goes wrong; nothing of what people write.
    ///   - started: Called with the port when requests are taken in.
    /// - Throws: A `ListeningError` if the address cannot be had.
    public func run(
        host: String, port: Int, limits: ConnectionLimits = ConnectionLimits(), logger: Logger,
        started: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let reception = Reception(limits)
        let responder = CallbackResponder<ConnectionContext> { request, context in
            await self.respond(to: request, of: try await context.client(), reception)
        }
        // Sending the request and taking the answer come to the time of the engine.
        let requestTime =
            (models.map(\.engine.limits.requestTime).max() ?? .zero) + limits.clientTime * 2
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ConnectionGuard(clientTime: limits.clientTime, requestTime: requestTime)
                    ],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "hone", backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { started($0.localAddress?.port ?? port) }, logger: logger)
        do {
            try await application.runService()
        } catch let error as IOError {
            throw ListeningError(errno: error.errnoCode)
        }
    }

    private func respond(
        to request: Request, of client: ConnectionGuard.Client, _ reception: Reception
    ) async -> Response {
        let body: [UInt8]
        do throws(APIError) { body = try await reception.body(of: request) } catch {
            return Self.response(.error(error), isLast: true, client)
        }
        var headers = Dictionary(
            request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        headers["host"] = request.head.authority
        let (asked, path) = (headers, request.uri.path)
        let answering = Task {
            await self.answer(method: request.method.rawValue, path: path, headers: asked, body: body)
        }
        client.onLeaving { answering.cancel() }
        let answer = await answering.value
        client.onLeaving(nil)
        return Self.response(answer, isLast: false, client)
    }

    private static func response(
        _ answer: HTTPAnswer, isLast: Bool, _ client: ConnectionGuard.Client
    ) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        if isLast { headers[.connection] = "close" }
        let body =
            switch answer.body {
            case .whole(let bytes): Self.body(bytes)
            case .parts(let parts): Self.body(parts, client)
            }
        return Response(status: .init(code: answer.status), headers: headers, body: body)
    }

    /// A body that is known, sent piece by piece where it is long, so that it is seen to be taken.
    private static func body(_ bytes: [UInt8]) -> ResponseBody {
        let portion = 64 << 10
        guard bytes.count > portion else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            for begin in stride(from: 0, to: bytes.count, by: portion) {
                let end = min(bytes.count, begin + portion)
                try await writer.write(ByteBuffer(bytes: bytes[begin..<end]))
            }
            try await writer.finish(nil)
        }
    }

    /// A body that is sent as it comes, until the client goes.
    private static func body(
        _ parts: AsyncStream<[UInt8]>, _ client: ConnectionGuard.Client
    ) -> ResponseBody {
        let (sent, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let passing = Task {
            for await part in parts { continuation.yield(part) }
            continuation.finish()
        }
        continuation.onTermination = { _ in passing.cancel() }
        client.onLeaving { passing.cancel() }
        return ResponseBody { writer in
            for await part in sent { try await writer.write(ByteBuffer(bytes: part)) }
            client.onLeaving(nil)
            try await writer.finish(nil)
        }
    }
}

/// What a request knows of its connection.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    func client() async throws -> ConnectionGuard.Client {
        try await channel.eventLoop.submit { [channel] in
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).client
        }.get()
    }
}

/// Takes in the bodies of requests, not too many bytes at a time.
private final class Reception: Sendable {
    private let most: Int
    private let bytes = Mutex(0)

    init(_ limits: ConnectionLimits) { most = limits.bytesBeingReceived }

    func body(of request: Request) async throws(APIError) -> [UInt8] {
        var body: [UInt8] = []
        defer { bytes.withLock { $0 -= body.count } }
        do {
            for try await part in request.body {
                let count = part.readableBytes
                guard body.count + count <= ModelServer.greatestBody else {
                    throw APIError(
                        status: 413,
                        message: "the body is larger than \(ModelServer.greatestBody >> 20) MiB")
                }
                let isTaken = bytes.withLock { bytes in
                    guard bytes + count <= most else { return false }
                    bytes += count
                    return true
                }
                guard isTaken else {
                    throw APIError(
                        status: 429, message: "too much is being received; try again later", retryAfter: 1)
                }
                body += part.readableBytesView
            }
        } catch let error as APIError {
            throw error
        } catch {
            throw .invalid(nil, "the body broke off")
        }
        return body
    }
}
#endif
