import Foundation

/// A window that slides over a stream of bytes, as small as its user asks for.
package struct ByteWindow<Failure: Error> {
    /// Puts the next bytes of a stream into a buffer, and returns their number; 0 only at the end.
    package typealias Source = (UnsafeMutableRawBufferPointer) throws(Failure) -> Int

    private let source: Source
    private var storage = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var end = 0
    private var hasEnded = false
    /// The error that ended the stream early; the window holds the bytes read before it.
    private var fault: Failure?
    /// The position in the stream at which the window begins.
    package private(set) var offset = 0

    /// A window at the beginning of a stream.
    package init(_ source: @escaping Source) { self.source = source }

    /// Bytes in the window.
    package var available: Int { end - start }

    /// The byte at a distance from the window's beginning.
    package subscript(_ index: Int) -> UInt8 { storage[start + index] }

    /// Widens the window to at least `count` bytes; it stays shorter only at the end of the stream.
    ///
    /// Bytes read before an error stay in the window, so that whole records ahead of it are not lost.
    package mutating func fill(_ count: Int) throws(Failure) {
        widen(count)
        if available < count, let fault { throw fault }
    }

    /// Widens the window to `count` bytes, or up to the end of the stream or a fault in it.
    package mutating func fillAsFarAsReadable(_ count: Int) throws(Failure) {
        widen(count)
        if available == 0, let fault { throw fault }
    }

    private mutating func widen(_ count: Int) {
        while available < count, !hasEnded {
            makeRoom(max(count, 1 << 15))
            do throws(Failure) {
                let read = try storage.withUnsafeMutableBufferPointer { [source, end] bytes throws(Failure) in
                    try source(UnsafeMutableRawBufferPointer(.init(rebasing: bytes[end...])))
                }
                end += read
                hasEnded = read == 0
            } catch {
                fault = error
                hasEnded = true
            }
        }
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
    package func firstIndex(of byte: UInt8, from distance: Int = 0) -> Int? {
        guard distance < available else { return nil }
        return storage.withUnsafeBytes { bytes in
            let base = bytes.baseAddress! + start
            guard let found = memchr(base + distance, Int32(byte), available - distance) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Takes bytes off the window's beginning.
    package mutating func take(_ count: Int) -> [UInt8] {
        let bytes = Array(storage[start..<start + count])
        skip(count)
        return bytes
    }

    /// Leaves out bytes at the window's beginning.
    package mutating func skip(_ count: Int) {
        start += count
        offset += count
    }

    /// Calls `body` with the window.
    package func withWindow<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        storage.withUnsafeBufferPointer { body(.init(rebasing: $0[start..<end])) }
    }
}

/// Lines of a stream, none of them longer than a limit.
///
/// A line ends at a line feed, or a carriage return and a line feed, which are no part of it; the last may end with the
/// stream.
package struct LineReader<Failure: Error> {
    /// A line without its ending, or the length of one that was too long to keep.
    package enum Line {
        case bytes([UInt8])
        case tooLong(Int)
    }

    private var window: ByteWindow<Failure>
    private let longest: Int
    private let keepsReturns: Bool
    /// The number of the line last given, from one.
    package private(set) var number = 0

    /// - Parameters:
    ///   - longest: The most bytes of a line that is held in memory.
    ///   - keepsReturns: Whether a carriage return before the line feed is part of the line.
    package init(_ window: ByteWindow<Failure>, longest: Int, keepsReturns: Bool = false) {
        self.window = window
        self.longest = longest
        self.keepsReturns = keepsReturns
    }

    /// The position in the stream at which the next line begins.
    package var offset: Int { window.offset }

    /// The next line; nil at the end of the stream.
    package mutating func next() throws(Failure) -> Line? {
        var searched = 0
        while true {
            if let length = window.firstIndex(of: 0x0a, from: searched) {
                number += 1
                if length > longest {
                    window.skip(length + 1)
                    return .tooLong(length)
                }
                var line = window.take(length)
                window.skip(1)
                if line.last == 0x0d, !keepsReturns { line.removeLast() }
                return .bytes(line)
            }
            searched = window.available
            if searched > longest { return try skipLine() }
            try window.fill(searched + 1)
            if window.available == searched {
                if searched == 0 { return nil }
                number += 1
                return .bytes(window.take(searched))
            }
        }
    }

    private mutating func skipLine() throws(Failure) -> Line {
        number += 1
        var length = 0
        while true {
            if let rest = window.firstIndex(of: 0x0a) {
                window.skip(rest + 1)
                return .tooLong(length + rest)
            }
            length += window.available
            window.skip(window.available)
            try window.fill(1)
            if window.available == 0 { return .tooLong(length) }
        }
    }
}

extension LineReader where Failure == FileError {
    /// The lines of a file.
    package init(_ file: InputFile, longest: Int) {
        self.init(
            ByteWindow { buffer throws(FileError) in try file.read(into: buffer) }, longest: longest)
    }
}
