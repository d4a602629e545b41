/// Who may ask a server.
public struct AccessPolicy: Sendable {
    /// The key that must be sent as `Authorization: Bearer KEY`; nil for none.
    public var key: String?
    /// The names of hosts by which the server may be addressed; nil for any.
    public var hosts: Set<String>?

    /// The names of this machine.
    public static let thisMachine: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

    /// A policy, by which only this machine may ask unless told otherwise.
    ///
    /// - Parameters:
    ///   - key: The key that must be sent; nil for none.
    ///   - hosts: The names of hosts by which the server may be addressed; nil for any. Those of this machine keep a page of
    ///     another site from reaching it by a name that points here.
    public init(key: String? = nil, hosts: Set<String>? = thisMachine) {
        self.key = key
        self.hosts = hosts
    }

    /// Refuses who may not ask.
    ///
    /// - Parameters:
    ///   - headers: Those that were sent, their names in lower case.
    ///   - isOpen: Whether what is asked for needs no key: the server's health, and pages, which have no secrets.
    func check(_ headers: [String: String], isOpen: Bool) throws(APIError) {
        if let hosts {
            let host = headers["host"].map(Self.name) ?? ""
            guard hosts.contains(host) else {
                throw APIError(status: 403, message: "this server is not addressed as \"\(host)\"")
            }
        }
        if let origin = headers["origin"] {
            let site = origin.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first
            guard site.map(String.init) == headers["host"] else {
                throw APIError(status: 403, message: "pages of \(origin) may not use this server")
            }
        }
        guard let key, !isOpen else { return }
        let sent = headers["authorization"].map { $0.hasPrefix("Bearer ") ? $0.dropFirst(7) : "" } ?? ""
        guard Self.areEqual(Array(sent.utf8), Array(key.utf8)) else {
            throw APIError(
                status: 401, message: "the key is missing or wrong; send Authorization: Bearer KEY")
        }
    }

    /// The name of a host without its port.
    private static func name(_ host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host.lowercased() }
        return host[..<colon].lowercased()
    }

    /// Compares in a time that does not reveal the place of a difference.
    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var difference = a.count ^ b.count
        for index in a.indices { difference |= Int(a[index] ^ (b.isEmpty ? 0 : b[index % b.count])) }
        return difference == 0
    }
}
