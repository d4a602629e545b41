#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A window that slides over a stream of bytes, as small as its user asks for.
struct BufferedInput {
    private let stream: ByteStream
    private var storage: [UInt8]
    private var start = 0
    private var end = 0
    private var streamEnded = false
    /// Where in the (inflated) stream the window begins.
    private(set) var offset = 0

    init(_ stream: ByteStream) {
        self.stream = stream
        self.storage = [UInt8](repeating: 0, count: 1 << 16)
    }

    var path: String { stream.path }
    /// Bytes in the window.
    var available: Int { end - start }
    /// Bytes read from disk so far.
    var bytesRead: Int { stream.bytesRead }

    /// The byte at a distance from the window's beginning.
    subscript(_ index: Int) -> UInt8 { storage[start + index] }

    /// Widens the window to at least `count` bytes; it stays shorter only at the end of the stream.
    mutating func fill(_ count: Int) throws(CorpusError) {
        while end - start < count, !streamEnded {
            if start > 0, storage.count - start < max(count, 1 << 15) {
                storage.withUnsafeMutableBytes {
                    $0.copyMemory(from: .init(rebasing: $0[start..<end]))
                }
                end -= start
                start = 0
            }
            if storage.count < count {
                storage.append(contentsOf: repeatElement(0, count: count - storage.count))
            }
            let read = try storage.withUnsafeMutableBufferPointer { bytes throws(CorpusError) in
                try stream.read(
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[end...])))
            }
            if read == 0 { streamEnded = true }
            end += read
        }
    }

    /// The distance of the first such byte in the window from `distance` on.
    func firstIndex(of byte: UInt8, from distance: Int = 0) -> Int? {
        guard distance < available else { return nil }
        return storage.withUnsafeBytes { bytes in
            let base = bytes.baseAddress! + start
            guard let found = memchr(base + distance, Int32(byte), available - distance) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Takes bytes off the window's beginning.
    mutating func take(_ count: Int) -> [UInt8] {
        let bytes = Array(storage[start..<start + count])
        skip(count)
        return bytes
    }

    /// Leaves out bytes at the window's beginning.
    mutating func skip(_ count: Int) {
        start += count
        offset += count
    }

    /// Calls `body` with the window.
    func withWindow<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { body(.init(rebasing: $0[start..<end])) }
    }
}

/// Lines of a stream, none of them longer than a limit.
struct LineReader {
    /// A line without its ending, or the length of one that was too long to keep.
    enum Line {
        case bytes([UInt8])
        case tooLong(Int)
    }

    private var input: BufferedInput
    private let maximum: Int
    /// The number of the line last given, from one.
    private(set) var number = 0

    init(_ input: BufferedInput, maximum: Int) {
        self.input = input
        self.maximum = maximum
    }

    var bytesRead: Int { input.bytesRead }

    mutating func next() throws(CorpusError) -> Line? {
        var searched = 0
        while true {
            if let length = input.firstIndex(of: 0x0a, from: searched) {
                number += 1
                if length > maximum {
                    input.skip(length + 1)
                    return .tooLong(length)
                }
                var line = input.take(length)
                input.skip(1)
                if line.last == 0x0d { line.removeLast() }
                return .bytes(line)
            }
            searched = input.available
            if searched > maximum { return try skipLine() }
            try input.fill(searched + 1)
            if input.available == searched {
                if searched == 0 { return nil }
                number += 1
                return .bytes(input.take(searched))
            }
        }
    }

    private mutating func skipLine() throws(CorpusError) -> Line {
        number += 1
        var length = 0
        while true {
            if let rest = input.firstIndex(of: 0x0a) {
                input.skip(rest + 1)
                return .tooLong(length + rest)
            }
            length += input.available
            input.skip(input.available)
            try input.fill(1)
            if input.available == 0 { return .tooLong(length) }
        }
    }
}
