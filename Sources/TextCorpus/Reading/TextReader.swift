import Files

/// Reads plain text in pieces of a bounded size, cut where a reader would pause.
///
/// UTF-16 with a byte order mark is UTF-8 by the time it is cut; see ``ByteStream``. What stands before a place that
/// cannot be read is a piece too.
///
/// A line `<|endoftext|>` ends a document, as in TinyStories and other published corpora. Otherwise a piece
/// ends at the last empty line in its second half, or else the last line, word, or character; see ``PieceEnd``.
struct TextReader: RecordReader {
    private let stream: ByteStream
    private var input: ByteWindow<CorpusError>
    private let name: String
    private let format: RawRecord.Format
    private let pieceBytes: Int
    private var number = 0
    private var ended = false

    /// Begins to read a file that is shown as `name`.
    init(_ stream: ByteStream, name: String, format: RawRecord.Format = .text, pieceBytes: Int) {
        self.stream = stream
        input = stream.window()
        self.name = name
        self.format = format
        self.pieceBytes = max(pieceBytes, 64)
    }

    var bytesRead: Int { stream.bytesRead }

    mutating func next() throws(Unkept) -> RawRecord? {
        guard !ended else { return nil }
        do {
            return try piece()
        } catch {
            ended = true
            throw .failed(error)
        }
    }

    private static let separator = Array("<|endoftext|>".utf8)

    private mutating func piece() throws(CorpusError) -> RawRecord? {
        while true {
            // A little more than a piece, so that the last piece is not a crumb, and a secret across its end is seen whole.
            try input.fillAsFarAsReadable(pieceBytes + max(pieceBytes / 4, SecretScanner.longest))
            guard input.available > 0 else {
                ended = true
                return nil
            }
            let isLast = input.available < pieceBytes + pieceBytes / 4
            let window = isLast ? input.available : pieceBytes
            let found = firstSeparator(within: window)
            let length = found ?? (isLast ? window : input.withWindow { PieceEnd(in: $0, window).place })
            let isWhole = number == 0 && isLast && found == nil
            if length > 0 { number += 1 }
            let bytes = input.take(length)
            if found != nil { input.skip(Self.separator.count) }
            if bytes.allSatisfy(isSpace) { continue }
            return RawRecord(
                bytes: bytes, format: format, source: isWhole ? name : "\(name)#\(number)", file: stream.path,
                isConverted: stream.isConverted)
        }
    }

    private func firstSeparator(within window: Int) -> Int? {
        var from = 0
        while let index = input.firstIndex(of: Self.separator[0], from: from), index < window {
            let isSeparator =
                index + Self.separator.count <= input.available
                && Self.separator.indices.allSatisfy { input[index + $0] == Self.separator[$0] }
            if isSeparator { return index }
            from = index + 1
        }
        return nil
    }
}
