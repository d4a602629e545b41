#if Server
import HTTPTypes
import JSON
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Holds a connection to its limits of time, and tells what is done for its client when the client has gone.
///
/// - A connection is closed after `clientTime` without the headers of a request.
/// - A request must have come within `clientTime` of its headers; it is answered 408 otherwise.
/// - A client that leaves so much of an answer untaken that nothing more can be sent is dropped after `clientTime`.
/// - A connection is dropped when a request takes more than `requestTime` in all.
/// - A client that closes its end while its answer is awaited has gone.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The most bytes that the system keeps of an answer that is not taken.
    private static let systemBuffer = 128 << 10

    let client = Client()
    private let clientTime: TimeAmount
    private let requestTime: TimeAmount
    private var idling: Scheduled<Void>?
    private var arrival: Scheduled<Void>?
    private var taking: Scheduled<Void>?
    private var whole: Scheduled<Void>?
    private var requests = 0
    private var isAnswering = false
    private var isLastAnswer = false

    init(clientTime: Duration, requestTime: Duration) {
        self.clientTime = TimeAmount(clientTime)
        self.requestTime = TimeAmount(requestTime)
    }

    /// The presence of a client.
    final class Client: Sendable {
        private let state = Mutex<(hasGone: Bool, action: (@Sendable () -> Void)?)>((false, nil))

        /// Sets what is done when the client goes, in place of what was to be done; at once if it has gone.
        func onLeaving(_ action: (@Sendable () -> Void)?) {
            let hasGone = state.withLock { state in
                state.action = action
                return state.hasGone
            }
            if hasGone { action?() }
        }

        fileprivate func leave() {
            let action = state.withLock { state in
                state.hasGone = true
                return state.action
            }
            action?()
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        _ = context.channel.setOption(.socketOption(.so_sndbuf), value: Self.systemBuffer)
        if context.channel.isActive { awaitRequest(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            requests += 1
            idling?.cancel()
            arrival = after(clientTime, context) { $0.refuse($1) }
            if whole == nil { whole = after(requestTime, context) { $1.close(promise: nil) } }
        case .body: break
        case .end:
            arrival?.cancel()
            arrival = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isAnswering = true
            isLastAnswer = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            isAnswering = false
            requests -= 1
            whole?.cancel()
            whole = requests > 0 ? after(requestTime, context) { $1.close(promise: nil) } : nil
            if requests == 0 { awaitRequest(context) }
            if isLastAnswer {
                finish(context, with: data, promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        taking?.cancel()
        taking = context.channel.isWritable ? nil : after(clientTime, context) { $1.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent, requests > 0 || isLastAnswer {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        for timer in [idling, arrival, taking, whole] { timer?.cancel() }
        client.leave()
        context.fireChannelInactive()
    }

    /// Closes the connection after a time unless a request begins.
    private func awaitRequest(_ context: ChannelHandlerContext) {
        idling?.cancel()
        idling = after(clientTime, context) { $1.close(promise: nil) }
    }

    /// Answers a request that has not come in time, unless it is being answered already.
    private func refuse(_ context: ChannelHandlerContext) {
        guard !isAnswering, requests == 1 else { return context.close(promise: nil) }
        let error = APIError(status: 408, message: "the request was not sent in time")
        let body = ByteBuffer(string: error.json.text())
        var head = HTTPResponse(status: .requestTimeout)
        head.headerFields = [
            .contentType: "application/json", .contentLength: "\(body.readableBytes)", .connection: "close",
        ]
        isAnswering = true
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        finish(context, with: wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Sends the end of the connection's last answer. What the client is still sending is taken in and forgotten, for an end
    /// that is closed while something comes would take the answer from the client.
    private func finish(
        _ context: ChannelHandlerContext, with data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        isLastAnswer = true
        context.writeAndFlush(data, promise: promise)
        context.close(mode: .output, promise: nil)
        _ = after(clientTime, context) { $1.close(promise: nil) }
    }

    private func after(
        _ time: TimeAmount, _ context: ChannelHandlerContext,
        _ action: @escaping (ConnectionGuard, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { action(self, context) }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
#endif
