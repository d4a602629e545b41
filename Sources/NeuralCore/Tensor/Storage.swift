/// A pooled block of 32-bit floats.
///
/// This is the one unchecked promise of the library: a block is written only by its unique owner, which
/// `Tensor` ensures by copying a shared block before it writes.
package final class Storage: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let sizeClass: SizeClass

    /// A block whose contents are undefined.
    init(count: Int) {
        self.count = count
        let buffer = BufferPool.shared.take(byteCount: count * MemoryLayout<Float>.stride)
        pointer = buffer.pointer.assumingMemoryBound(to: Float.self)
        sizeClass = buffer.sizeClass
    }

    deinit { BufferPool.shared.giveBack(pointer, sizeClass) }
}
