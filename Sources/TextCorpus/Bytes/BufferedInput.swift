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
    /// What ended the stream before its end; the window holds what was read before it.
    private var fault: CorpusError?
    private var decoding: Decoding
    /// Where in the (inflated, decoded) stream the window begins.
    private(set) var offset = 0

    private enum Decoding {
        case none
        /// It depends on the first two bytes.
        case undecided
        case utf16(UTF16Decoder)
    }

    /// A window at the beginning of a stream.
    ///
    /// - Parameter decodingUTF16: A stream that begins with the byte order mark of UTF-16 becomes UTF-8.
    init(_ stream: ByteStream, decodingUTF16: Bool = false) {
        self.stream = stream
        self.storage = [UInt8](repeating: 0, count: 1 << 16)
        decoding = decodingUTF16 ? .undecided : .none
    }

    /// Whether the bytes were written in another encoding than those of the window.
    var isConverted: Bool {
        if case .utf16 = decoding { true } else { false }
    }

    var path: String { stream.path }
    /// Bytes in the window.
    var available: Int { end - start }
    /// Bytes read from disk so far.
    var bytesRead: Int { stream.bytesRead }

    /// The byte at a distance from the window's beginning.
    subscript(_ index: Int) -> UInt8 { storage[start + index] }

    /// Widens the window to at least `count` bytes; it stays shorter only at the end of the stream.
    ///
    /// What was read before a fault stays in the window, so that whole records ahead of it are not lost.
    mutating func fill(_ count: Int) throws(CorpusError) {
        widen(count)
        if available < count, let fault { throw fault }
    }

    /// Widens the window to `count` bytes, or up to the end of the stream or a fault in it.
    mutating func fillAsFarAsReadable(_ count: Int) throws(CorpusError) {
        widen(count)
        if available == 0, let fault { throw fault }
    }

    private mutating func widen(_ count: Int) {
        while available < count || isUndecided && available < 2, !streamEnded {
            do {
                try read(count)
            } catch {
                fault = error
                streamEnded = true
            }
            if isUndecided { decide() }
        }
    }

    /// Makes the window larger by what the stream gives at once.
    private mutating func read(_ count: Int) throws(CorpusError) {
        if case .utf16(var decoder) = decoding {
            let piece = try stream.piece(of: 1 << 16)
            streamEnded = piece.isEmpty
            append(decoder.decode(piece, isLast: streamEnded))
            decoding = .utf16(decoder)
            return
        }
        makeRoom(max(count, 1 << 15))
        let read = try storage.withUnsafeMutableBufferPointer { bytes throws(CorpusError) in
            try stream.read(
                into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[end...])))
        }
        if read == 0 { streamEnded = true }
        end += read
    }

    private var isUndecided: Bool {
        if case .undecided = decoding { true } else { false }
    }

    /// Looks for a byte order mark at the beginning of the stream.
    private mutating func decide() {
        guard available >= 2 || streamEnded else { return }
        guard available >= 2, var decoder = UTF16Decoder(mark: self[0], self[1]) else {
            decoding = .none
            return
        }
        let bytes = Array(storage[start + 2..<end])
        end = start
        append(decoder.decode(bytes, isLast: streamEnded))
        decoding = .utf16(decoder)
    }

    private mutating func append(_ bytes: [UInt8]) {
        makeRoom(available + bytes.count)
        storage.replaceSubrange(end..<end + bytes.count, with: bytes)
        end += bytes.count
    }

    /// Moves the window, or makes more storage, so that there is room for `count` bytes of it.
    private mutating func makeRoom(_ count: Int) {
        if start > 0, storage.count - start < count {
            storage.withUnsafeMutableBytes {
                $0.copyMemory(from: .init(rebasing: $0[start..<end]))
            }
            end -= start
            start = 0
        }
        if storage.count < count {
            storage.append(contentsOf: repeatElement(0, count: count - storage.count))
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
