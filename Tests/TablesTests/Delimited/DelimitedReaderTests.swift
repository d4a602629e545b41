import JSON
import Tables
import Testing

/// Fields as Python's `csv` splits them.
@Suite struct DelimitedReaderTests {
    private func reader(
        _ text: String, separator: Character = ",", pieces size: Int = 3, limit: Int = 1000
    ) -> DelimitedReader {
        let bytes = Array(text.utf8)
        var position = 0
        return DelimitedReader(separator: separator.asciiValue ?? 0, rowLimit: limit) {
            () throws(TableError) in
            guard position < bytes.count else { return nil }
            defer { position += size }
            return Array(bytes[position..<min(position + size, bytes.count)])
        }
    }

    private func rows(_ reader: DelimitedReader) throws -> [(line: Int, values: [String]?)] {
        var reader = reader
        var rows: [(line: Int, values: [String]?)] = []
        while let row = try reader.next() {
            if case .object(let object) = row.contents {
                rows.append((row.line, object.values.compactMap(\.string)))
            } else {
                rows.append((row.line, nil))
            }
        }
        return rows
    }

    @Test(arguments: [1, 2, 3, 64]) func quotesHoldSeparatorsBreaksAndQuotes(pieces: Int) throws {
        let text = "\u{FEFF}a,b\r\n\"one, two\",\"line\nbreak\"\r\n\n\"say \"\"hi\"\"\",雪\r\nx\"y\",\"q\"r\n,"
        let read = try rows(reader(text, pieces: pieces))
        #expect(
            read.map(\.values) == [
                ["one, two", "line\nbreak"], ["say \"hi\"", "雪"], ["x\"y\"", "qr"], ["", ""],
            ])
        #expect(read.map(\.line) == [2, 5, 6, 7])
    }

    @Test func columnsHaveTheNamesOfTheHeader() throws {
        var tabs = reader("prompt\tanswer\n1,2\t3", separator: "\t")
        guard case .object(let object) = try tabs.next()?.contents else { return #expect(Bool(false)) }
        #expect(object == ["prompt": "1,2", "answer": "3"])
    }

    @Test func rowsOfAnotherShapeAreTold() throws {
        var ragged = reader("a,b\n1\n1,2\n1,2,3\n")
        var told: [String] = []
        while let row = try ragged.next() {
            if case .malformed(let found, let expected) = row.contents {
                told.append("\(row.line): \(found), \(expected)")
            }
        }
        #expect(told == ["2: 1 field, 2, as the header has", "4: 3 fields, 2, as the header has"])
    }

    @Test func rowsPastTheLimitArePassedOver() throws {
        let long = String(repeating: "x", count: 50)
        #expect(try rows(reader("a,b\n1,\(long)\n3,4", limit: 40)).map(\.values) == [nil, ["3", "4"]])
    }

    @Test func aQuoteThatNothingClosesIsNamed() throws {
        let error = #expect(throws: TableError.self) { try rows(reader("a,b\n1,2\n3,\"4\n5,6\n")) }
        #expect(error?.place == "line 3")
    }

    @Test func columnsOfOneNameAreRefused() throws {
        let error = #expect(throws: TableError.self) { try rows(reader("a,b,a\n1,2,3")) }
        #expect(error?.place == "the header")
        #expect(error?.found == "'a' twice, the second time for column 3")
    }

    @Test func nothingIsNoRows() throws {
        #expect(try rows(reader("")).isEmpty)
        #expect(try rows(reader("a,b\n")).isEmpty)
    }
}
