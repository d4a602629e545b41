#if Server
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore

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
    /// Bodies, headers and the number of connections are bounded, and a connection on which nothing comes for half a
    /// minute is closed. A client that disconnects ends its requests.
    ///
    /// - Parameters:
    ///   - host: The name or number of the address to listen at.
    ///   - port: The port; 0 for any that is free.
    ///   - logger: Is told of what goes wrong; nothing of what people write.
    ///   - started: Called with the port when requests are taken in.
    /// - Throws: A `ListeningError` if the address cannot be had.
    public func run(
        host: String, port: Int, logger: Logger, started: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let responder = CallbackResponder<BasicRequestContext> { request, _ in await self.respond(to: request)
        }
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(30),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "hone", backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(1024)),
            onServerRunning: { started($0.localAddress?.port ?? port) }, logger: logger)
        do {
            try await application.runService()
        } catch let error as IOError {
            throw ListeningError(errno: error.errnoCode)
        }
    }

    private func respond(to request: Request) async -> Response {
        var request = request
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.collectBody(upTo: Self.greatestBody))
        } catch {
            let most = Self.greatestBody >> 20
            return Self.response(
                .error(APIError(status: 413, message: "the body is larger than \(most) MiB, or broke off")),
                request)
        }
        var headers = Dictionary(
            request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        headers["host"] = request.head.authority
        let (asked, path) = (headers, request.uri.path)
        let answer = try? await request.body.consumeWithCancellationOnInboundClose { _ in
            await self.answer(method: request.method.rawValue, path: path, headers: asked, body: body)
        }
        return Self.response(
            answer ?? .error(APIError(status: 400, message: "the connection was closed")), request)
    }

    private static func response(_ answer: HTTPAnswer, _ request: Request) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let body =
            switch answer.body {
            case .whole(let bytes): ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            case .parts(let parts):
                ResponseBody { writer in
                    for await part in parts { try await writer.write(ByteBuffer(bytes: part)) }
                    try await writer.finish(nil)
                }
            }
        return Response(status: .init(code: answer.status), headers: headers, body: body)
    }
}
#endif
