package import Files
import Tables

/// The bytes of a file, inflated on the way when it is a gzip file.
///
/// A gzip file is known by its first two bytes, whatever its name. It may hold many members, as WARC files
/// do. Memory is constant; growth beyond ``ReadingLimits`` ends in
/// ``CorpusError/exceedsLimit(file:place:found:limit:)``.
package final class ByteStream {
    let path: String
    /// Bytes read from disk so far.
    private(set) var bytesRead = 0
    /// Bytes inflated so far.
    private var bytesGiven = 0

    private let file: InputFile
    private let limits: ReadingLimits
    private var inflater: Inflater?
    private var input = [UInt8](repeating: 0, count: 1 << 16)
    private var inputStart = 0
    private var inputEnd = 0
    private var betweenMembers = true
    private var ended = false
    /// The fault behind the bytes that were handed out last.
    private var fault: CorpusError?
    /// Makes UTF-8 of what follows the byte order mark of UTF-16.
    private var decoder: UTF16Decoder?
    /// Bytes ahead of those of the file: what was read to look for a mark, or what was decoded.
    private var ready: ArraySlice<UInt8> = []

    /// Opens a file; anything but a regular one is refused.
    package convenience init(
        _ path: String, limits: ReadingLimits = ReadingLimits(), decodingUTF16: Bool = false
    ) throws(CorpusError) {
        let file: InputFile
        do { file = try InputFile(path) } catch { throw CorpusError(error) }
        try self.init(file, limits: limits, decodingUTF16: decodingUTF16)
    }

    /// The bytes of an open file.
    ///
    /// - Parameter decodingUTF16: A file that begins with the byte order mark of UTF-16 becomes UTF-8.
    package init(
        _ file: InputFile, limits: ReadingLimits = ReadingLimits(), decodingUTF16: Bool = false
    ) throws(CorpusError) {
        path = file.path
        self.limits = limits
        self.file = file
        try refill()
        guard !input[..<inputEnd].starts(with: Self.startOfPointer) else {
            throw .malformed(
                file: path, place: "the whole", found: "a pointer of Git LFS",
                expected: "the file itself, which ‘git lfs pull’ in its folder fetches")
        }
        if inputEnd >= 2, input[0] == 0x1f, input[1] == 0x8b {
            guard let inflater = Inflater(.gzip) else {
                throw .unreadable(file: path, reason: "no memory for zlib")
            }
            self.inflater = inflater
        }
        if decodingUTF16 { lookForMark() }
    }

    /// The beginning of the text that Git stores in place of a large file.
    private static let startOfPointer = Array("version https://git-lfs.github.com/spec/".utf8)

    /// True if the bytes were written in another encoding than UTF-8.
    var isConverted: Bool { decoder != nil }

    /// A window at the beginning of the stream.
    package func window() -> ByteWindow<CorpusError> {
        ByteWindow { [self] buffer throws(CorpusError) in try read(into: buffer) }
    }

    /// The next bytes, as many as there are up to a number; none only at the end.
    package func piece(of count: Int) throws(CorpusError) -> [UInt8] {
        try filled(count) { buffer throws(CorpusError) in try read(into: buffer) }
    }

    /// Reads up to the buffer's size; zero only at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        if ready.isEmpty, decoder != nil { try decode() }
        guard ready.isEmpty else {
            let count = min(buffer.count, ready.count)
            buffer.copyBytes(from: ready.prefix(count))
            ready.removeFirst(count)
            return count
        }
        return decoder == nil ? try readInflated(into: buffer) : 0
    }

    /// Begins to decode where the first two bytes say so.
    private func lookForMark() {
        var head: [UInt8] = []
        do {
            while head.count < 2 {
                let more = try filled(2 - head.count) { buffer throws(CorpusError) in
                    try readInflated(into: buffer)
                }
                if more.isEmpty { break }
                head += more
            }
        } catch {
            fault = error
        }
        if head.count == 2 { decoder = UTF16Decoder(mark: head[0], head[1]) }
        if decoder == nil { ready = head[...] }
    }

    /// Decodes the next bytes; none are ready only at the end.
    private func decode() throws(CorpusError) {
        var isLast = false
        while ready.isEmpty, !isLast {
            let bytes = try filled(1 << 16) { buffer throws(CorpusError) in try readInflated(into: buffer) }
            isLast = bytes.isEmpty
            ready = decoder?.decode(bytes, isLast: isLast)[...] ?? []
        }
    }

    private func filled(
        _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int
    ) throws(CorpusError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBufferPointer { buffer throws(CorpusError) in
            try fill(UnsafeMutableRawBufferPointer(buffer))
        }
        bytes.removeLast(count - read)
        return bytes
    }

    /// Reads the bytes of the file, or of what it inflates to.
    private func readInflated(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        guard !buffer.isEmpty else { return 0 }
        if let fault { throw fault }
        let count: Int
        if let inflater {
            count = try inflate(with: inflater, into: buffer)
        } else {
            count = try copy(into: buffer)
        }
        bytesGiven += count
        return count
    }

    private func refill() throws(CorpusError) {
        inputStart = 0
        inputEnd = try input.withUnsafeMutableBufferPointer { buffer throws(CorpusError) in
            try readFile(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        do {
            let count = try file.read(into: buffer)
            bytesRead += count
            return count
        } catch {
            throw CorpusError(error)
        }
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        if inputStart == inputEnd { return try readFile(into: buffer) }
        let count = min(buffer.count, inputEnd - inputStart)
        input.withUnsafeBytes {
            buffer.copyMemory(from: .init(rebasing: $0[inputStart..<inputStart + count]))
        }
        inputStart += count
        return count
    }

    private func inflate(
        with inflater: Inflater, into buffer: UnsafeMutableRawBufferPointer
    ) throws(CorpusError) -> Int {
        while !ended {
            if inputStart == inputEnd { try refill() }
            let isAtEnd = inputStart == inputEnd
            if betweenMembers {
                if isAtEnd { break }
                if try !startMember() { break }
            }
            let progress: Inflater.Progress
            do {
                progress = try input.withUnsafeBufferPointer { bytes throws(Inflater.Fault) in
                    try inflater.inflate(
                        UnsafeRawBufferPointer(
                            rebasing: UnsafeRawBufferPointer(bytes)[inputStart..<inputEnd]),
                        into: buffer)
                }
            } catch {
                let fault = CorpusError.malformed(
                    file: path, place: "byte \(offset)", found: error.reason, expected: "compressed data")
                guard error.produced > 0 else { throw fault }
                // The bytes before the fault are handed out first.
                self.fault = fault
                try checkGrowth(bytesGiven + error.produced)
                return error.produced
            }
            inputStart += progress.consumed
            if progress.ended {
                inflater.reset()
                betweenMembers = true
            }
            if progress.produced > 0 {
                try checkGrowth(bytesGiven + progress.produced)
                return progress.produced
            }
            // At the end of the file the inflater may still hold output; only then is the end a fault.
            if isAtEnd, !progress.ended {
                throw .malformed(
                    file: path, place: "byte \(bytesRead)", found: "the end of the file",
                    expected: "more compressed data")
            }
        }
        ended = true
        return 0
    }

    /// True if another member begins here; zero bytes may pad the end of a file.
    private func startMember() throws(CorpusError) -> Bool {
        while true {
            while inputStart < inputEnd, input[inputStart] == 0, bytesGiven > 0 { inputStart += 1 }
            if inputStart < inputEnd { break }
            try refill()
            if inputStart == inputEnd { return false }
        }
        guard input[inputStart] == 0x1f else {
            throw .malformed(
                file: path, place: "byte \(offset)", found: "other data after the compressed data",
                expected: "another gzip member, or the end of the file")
        }
        betweenMembers = false
        return true
    }

    private var offset: Int { bytesRead - (inputEnd - inputStart) }

    private func checkGrowth(_ inflated: Int) throws(CorpusError) {
        let place = "byte \(offset)"
        if inflated > limits.inflatedBytes {
            throw .exceedsLimit(
                file: path, place: place, found: "\(inflated) inflated bytes",
                limit: "\(limits.inflatedBytes) bytes")
        }
        let ratio = Double(inflated) / Double(max(offset, 1))
        if inflated > limits.inflationAllowance, ratio > limits.inflationRatio {
            throw .exceedsLimit(
                file: path, place: place, found: "growth to \(Int(ratio)) times the compressed size",
                limit: "\(Int(limits.inflationRatio)) times")
        }
    }
}
