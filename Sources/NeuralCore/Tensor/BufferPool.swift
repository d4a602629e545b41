import CKernels
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Keeps the buffers of dropped tensors for the next ones, so that a steady training step asks the system for
/// no memory.
///
/// Requests are rounded up to a size class, eight to each doubling, so at most an eighth of a new buffer is idle. An
/// unused buffer of up to seven classes more serves as well, and any small one serves a small request, so that batches of
/// many lengths share their buffers. A buffer that is taken from the system replaces an unused one of up to seven classes
/// less, which it can stand for, where several of a class are unused: the last of a class, and small ones, would soon be
/// asked for again. Unused memory is bounded: before the pool asks the system for more, it gives back unused buffers beyond
/// the greatest amount that was ever in use at once. (A tighter bound would not do: the sizes that are in use at
/// one moment of a step are not those of the next.)
public final class BufferPool: Sendable {
    /// The pool that all tensors of the process use.
    public static let shared = BufferPool()

    /// Counts of the pool's work so far.
    public struct Statistics: Sendable, Equatable {
        /// The number of buffers taken from the system.
        public internal(set) var systemAllocations = 0
        /// Bytes in live tensors.
        public internal(set) var bytesInUse = 0
        /// The greatest value of `bytesInUse` so far.
        public internal(set) var peakBytesInUse = 0
        /// Bytes kept for reuse.
        public internal(set) var bytesUnused = 0
    }

    private struct State: ~Copyable {
        var statistics = Statistics()
        /// Unused buffers by size class.
        var unused: [[UInt]] = Array(repeating: [], count: SizeClass.count)
    }

    private let state = Mutex(State())

    /// Counters for benchmarks and for tests of the promise above.
    public var statistics: Statistics { state.withLock { $0.statistics } }

    /// Gives every unused buffer back to the system.
    public func releaseUnused() {
        state.withLock { state in Self.release(&state, downTo: 0) }
    }

    /// A buffer of at least `byteCount` bytes on a 64-byte boundary, and its size class; its contents are undefined.
    func take(byteCount: Int) -> (pointer: UnsafeMutableRawPointer, sizeClass: SizeClass) {
        let wanted = SizeClass(holding: byteCount)
        return state.withLock { state in
            let unused = wanted.andThoseThatServe.first { !state.unused[$0.index].isEmpty }
            let taken = unused ?? wanted
            state.statistics.bytesInUse += taken.byteCount
            state.statistics.peakBytesInUse = max(
                state.statistics.peakBytesInUse, state.statistics.bytesInUse)
            if unused != nil, let address = state.unused[taken.index].popLast() {
                state.statistics.bytesUnused -= taken.byteCount
                return (UnsafeMutableRawPointer(bitPattern: address)!, taken)
            }
            if let smaller = wanted.somewhatSmaller.last(where: { state.unused[$0.index].count > 1 }) {
                Self.releaseOne(&state, smaller)
            }
            Self.release(&state, downTo: state.statistics.peakBytesInUse)
            state.statistics.systemAllocations += 1
            return (Self.allocate(taken.byteCount), taken)
        }
    }

    /// Keeps a buffer obtained from `take(byteCount:)`, of the class that it said.
    func giveBack(_ pointer: UnsafeMutableRawPointer, _ sizeClass: SizeClass) {
        state.withLock { state in
            state.statistics.bytesInUse -= sizeClass.byteCount
            state.statistics.bytesUnused += sizeClass.byteCount
            state.unused[sizeClass.index].append(UInt(bitPattern: pointer))
        }
    }

    /// Frees unused buffers, the largest first, until at most `limit` bytes are kept.
    private static func release(_ state: inout State, downTo limit: Int) {
        var index = SizeClass.count - 1
        while state.statistics.bytesUnused > limit, index >= 0 {
            if !releaseOne(&state, SizeClass(index: index)) { index -= 1 }
        }
    }

    /// Frees an unused buffer of a class, if there is one.
    @discardableResult
    private static func releaseOne(_ state: inout State, _ sizeClass: SizeClass) -> Bool {
        guard let address = state.unused[sizeClass.index].popLast() else { return false }
        state.statistics.bytesUnused -= sizeClass.byteCount
        free(UnsafeMutableRawPointer(bitPattern: address))
        return true
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        // Whole pages for what spans several, a cache line for the rest.
        let alignment = byteCount >= 1 << 16 ? 4096 : 64
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, alignment, byteCount) == 0, let pointer else {
            misuse("the system has no \(byteCount) bytes left for a tensor")
        }
        return pointer
    }
}

/// A rounded buffer size: eight classes to each doubling, from 64 bytes up.
package struct SizeClass: Equatable {
    static let count = 8 * 48

    let index: Int

    init(index: Int) { self.index = index }

    /// The smallest class of at least `byteCount` bytes.
    package init(holding byteCount: Int) {
        // In units of eight bytes, a size of 8…15 times a power of two is one class.
        let units = max(8, (max(byteCount, 1) + 7) / 8)
        let exponent = Int.bitWidth - 1 - units.leadingZeroBitCount - 3
        let step = 1 << exponent
        let mantissa = (units + step - 1) / step
        index = mantissa == 16 ? (exponent + 1) * 8 : exponent * 8 + (mantissa - 8)
    }

    /// The class of the largest of the small buffers, of 64 KiB.
    private static let small = SizeClass(holding: 1 << 16)

    /// This class and those whose buffers serve as well: the next seven, which are less than twice as large, and all small ones.
    var andThoseThatServe: LazyMapSequence<Range<Int>, SizeClass> {
        (index..<min(max(index + 8, Self.small.index + 1), Self.count)).lazy.map { SizeClass(index: $0) }
    }

    /// Those of the seven classes below that are not small, from the smallest.
    var somewhatSmaller: LazyMapSequence<Range<Int>, SizeClass> {
        (min(index, max(index - 7, Self.small.index + 1))..<index).lazy.map { SizeClass(index: $0) }
    }

    /// The size of this class's buffers.
    package var byteCount: Int { ((8 + index % 8) << (index / 8)) * 8 }
}

/// A pooled block of 32-bit floats.
///
/// This is the one unchecked promise of the library: a block is written only by its unique owner, which
/// `Tensor` ensures by copying a shared block before it writes.
package final class Storage: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let sizeClass: SizeClass
    private let roundedElements = Mutex<Storage?>(nil)

    /// A block whose contents are undefined.
    init(count: Int) {
        self.count = count
        let buffer = BufferPool.shared.take(byteCount: count * MemoryLayout<Float>.stride)
        pointer = buffer.pointer.assumingMemoryBound(to: Float.self)
        sizeClass = buffer.sizeClass
    }

    deinit { BufferPool.shared.giveBack(pointer, sizeClass) }

    /// The elements rounded to bfloat16, two to the place of a float, once a product has wanted them; nil again when this
    /// block is written.
    var rounded: Storage? {
        get { roundedElements.withLock { $0 } }
        set { roundedElements.withLock { $0 = newValue } }
    }
}

/// Counts the bytes that copy-on-write has copied, so that a test can state that a step copies none.
package enum CopyCount {
    private static let bytesCopied = Atomic<Int>(0)

    /// Bytes copied by the process so far because a tensor was written while another shared its elements.
    package static var bytes: Int { bytesCopied.load(ordering: .relaxed) }

    static func add(_ byteCount: Int) { bytesCopied.add(byteCount, ordering: .relaxed) }
}
