/// The bounds on what clients may take of a server besides tokens.
public struct ConnectionLimits: Sendable, Hashable {
    /// The most open connections; further ones wait until one is closed.
    public var connections: Int
    /// The time in which a client must have sent a request, from its headers on, and in which it must take what is sent: at
    /// least 32 KiB where that many are waiting. A connection without the headers of a request is closed after it.
    public var clientTime: Duration
    /// The most bytes of bodies that are received at a time, of all clients together.
    public var bytesBeingReceived: Int

    /// Limits, of which the defaults suit clients of a slow network.
    public init(
        connections: Int = 1024, clientTime: Duration = .seconds(30), bytesBeingReceived: Int = 128 << 20
    ) {
        self.connections = connections
        self.clientTime = clientTime
        self.bytesBeingReceived = bytesBeingReceived
    }
}
