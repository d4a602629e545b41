import Synchronization

/// Counts the bytes that copy-on-write has copied, so that a test can state that a step copies none.
package enum CopyCount {
    private static let bytesCopied = Atomic<Int>(0)

    /// Bytes copied by the process so far because a tensor was written while another shared its elements.
    package static var bytes: Int { bytesCopied.load(ordering: .relaxed) }

    static func add(_ byteCount: Int) { bytesCopied.add(byteCount, ordering: .relaxed) }
}
