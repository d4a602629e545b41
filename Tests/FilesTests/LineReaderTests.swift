import Files
import Foundation
import TestSupport
import Testing

@Suite struct LineReaderTests {
    private struct Fault: Error {}

    /// The lines of a stream that comes a few bytes at a time, as text; of one that is too long, its length.
    private func lines(
        _ text: String, piece: Int, longest: Int = 100, keepsReturns: Bool = false, fails: Bool = false
    ) throws -> [String] {
        var rest = Array(text.utf8)[...]
        let window = ByteWindow { buffer throws(Fault) in
            if rest.isEmpty, fails { throw Fault() }
            let part = rest.prefix(min(piece, buffer.count))
            rest = rest.dropFirst(part.count)
            buffer.copyBytes(from: part)
            return part.count
        }
        var reader = LineReader(window, longest: longest, keepsReturns: keepsReturns)
        var lines: [String] = []
        do {
            while let line = try reader.next() {
                switch line {
                case .bytes(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
                case .tooLong(let length): lines.append("\(length)")
                }
                #expect(reader.number == lines.count)
            }
        } catch {
            lines.append("fault")
        }
        return lines
    }

    @Test(arguments: [1, 2, 3, 1_000]) func linesAreTheSameHoweverTheyCome(piece: Int) throws {
        #expect(try lines("", piece: piece) == [])
        #expect(try lines("\n", piece: piece) == [""])
        #expect(try lines("a\r\n\nbc", piece: piece) == ["a", "", "bc"])
        #expect(try lines("a\r\nb\r", piece: piece, keepsReturns: true) == ["a\r", "b\r"])
        #expect(try lines("abc\nabcd\nab\nabcde", piece: piece, longest: 3) == ["abc", "4", "ab", "5"])
    }

    @Test func whatIsWholeAheadOfAFaultIsGiven() throws {
        #expect(try lines("a\nbc\nd", piece: 2, fails: true) == ["a", "bc", "fault"])
    }

    @Test func aFileIsReadByLinesAndAFolderIsNone() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(component: "a")
            try writeAtomically(Data("one\ntwo".utf8), to: file)
            var reader = LineReader(try InputFile(file.path), longest: 100)
            _ = try reader.next()
            #expect(reader.offset == 4)
            #expect(try contents(of: file).count == 7)
            #expect(throws: FileError.self) { try InputFile(folder.path) }
            #expect(throws: FileError.missing(file: "/nowhere")) { try InputFile("/nowhere") }
        }
    }
}
