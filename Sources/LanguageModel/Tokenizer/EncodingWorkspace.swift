internal import Synchronization

/// The memory that one thread needs to encode, kept between calls for the pieces it remembers.
struct EncodingWorkspace: Sendable {
    var cache = PieceCache()
    var merger = PieceMerger()
    var output = TokenBuffer()
}

/// Ids on their way out, so that the hot loop writes to memory of fixed size.
struct TokenBuffer: Sendable {
    private var storage = ContiguousArray<Int32>(repeating: 0, count: 1 << 13)
    private(set) var tokens: [Int32] = []
    private var count = 0

    /// Appends the first `count` of four ids.
    @inline(__always)
    mutating func append(_ ids: SIMD4<Int32>, count added: Int) {
        if count + PieceCache.mostTokens > storage.count { flush() }
        storage.withUnsafeMutableBufferPointer { storage in
            UnsafeMutableRawPointer(storage.baseAddress.unsafelyUnwrapped + count)
                .storeBytes(of: ids, as: SIMD4<Int32>.self)
        }
        count += added
    }

    @inline(never)
    mutating func append(_ ids: some Collection<Int32>) {
        flush()
        tokens.append(contentsOf: ids)
    }

    private mutating func flush() {
        tokens.append(contentsOf: storage[..<count])
        count = 0
    }

    /// Returns everything appended since the last call.
    mutating func take() -> [Int32] {
        flush()
        defer { tokens = [] }
        return tokens
    }
}

/// Workspaces that are not in use; each encoding call takes one and gives it back.
final class WorkspacePool: Sendable {
    private let idle = Mutex<[EncodingWorkspace]>([])

    func with<Result>(_ body: (inout EncodingWorkspace) -> Result) -> Result {
        var workspace = idle.withLock { $0.popLast() } ?? EncodingWorkspace()
        defer { idle.withLock { [workspace] in $0.append(workspace) } }
        return body(&workspace)
    }
}
