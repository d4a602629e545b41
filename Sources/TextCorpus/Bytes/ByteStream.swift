/// The bytes of a file, inflated on the way when it is a gzip file.
///
/// A gzip file is known by its first two bytes, whatever its name. It may hold many members, as WARC files
/// do. Memory is constant; growth beyond ``ReadingLimits`` ends in
/// ``CorpusError/exceedsLimit(file:place:found:limit:)``.
package final class ByteStream {
    let path: String
    /// Bytes read from disk so far.
    private(set) var bytesRead = 0
    /// Bytes handed out so far.
    private(set) var bytesGiven = 0

    private let file: InputFile
    private let limits: ReadingLimits
    private var inflater: Inflater?
    private var input = [UInt8](repeating: 0, count: 1 << 16)
    private var inputStart = 0
    private var inputEnd = 0
    private var betweenMembers = true
    private var ended = false
    /// What is wrong behind the bytes that were handed out last.
    private var fault: CorpusError?

    /// Opens a file; anything but a regular one is refused.
    package init(_ path: String, limits: ReadingLimits = ReadingLimits()) throws(CorpusError) {
        self.path = path
        self.limits = limits
        self.file = try InputFile(path)
        try refill()
        if inputEnd >= 2, input[0] == 0x1f, input[1] == 0x8b { inflater = Inflater(.gzip) }
    }

    /// Reads up to the buffer's size; zero only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
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

    /// The next bytes, as many as there are up to a number; none only at the end.
    package func piece(of count: Int) throws(CorpusError) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        let read = try piece.withUnsafeMutableBufferPointer { buffer throws(CorpusError) in
            try self.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        piece.removeLast(count - read)
        return piece
    }

    private func refill() throws(CorpusError) {
        let count = try input.withUnsafeMutableBufferPointer { buffer throws(CorpusError) in
            try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        inputStart = 0
        inputEnd = count
        bytesRead += count
    }

    private func copy(into buffer: UnsafeMutableRawBufferPointer) throws(CorpusError) -> Int {
        if inputStart == inputEnd {
            let count = try file.read(into: buffer)
            bytesRead += count
            return count
        }
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
                // What was whole before the fault is handed out first.
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

    /// Whether another member begins here; zero bytes may pad the end of a file.
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
