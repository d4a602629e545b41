import Foundation
import JSON
import Tables
import TestSupport
import Testing

/// Parquet and Arrow as pyarrow and fastparquet write them, in every compression and encoding that is read.
@Suite struct TableFileTests {
    @Test(arguments: TableFixtures.files) func rowsAreThoseThatWereWritten(file: String) throws {
        let read = try rows(TableFixtures.folder.appending(component: file))
        let written = try TableFixtures.rows(of: file)
        #expect(read.count == written.count)
        for (row, expected) in zip(read, written) {
            #expect(row.isNear(expected), "\(row.text()), expected \(expected.text())")
        }
    }

    @Test func columnsKeepTheirOrder() throws {
        let row = try rows(TableFixtures.folder.appending(component: "flat-snappy-v1.parquet"))[0]
        #expect(row.object?.keys == ["text", "kind", "small", "big", "real", "double", "flag"])
    }

    @Test func rowsPastTheLimitArePassedOver() throws {
        for file in ["nested-v1.parquet", "nested-stream.arrow"] {
            let read = try rows(TableFixtures.folder.appending(component: file), rowLimit: 700)
            let written = try TableFixtures.rows(of: file)
            #expect(read.contains(.null), "\(file)")
            for (row, expected) in zip(read, written) { #expect(row == .null || row == expected) }
            #expect(read.count == written.count)
        }
    }

    @Test func errorsNameRowGroupColumnAndRow() throws {
        let folder = TemporaryFolder()
        var bytes = try TableFixtures.bytes("flat-snappy-v1.parquet")
        // Into the first page of the first column, behind its header.
        for index in 40..<90 { bytes[index] = 0xFF }
        let url = try folder.write("a.parquet", bytes)
        let error = #expect(throws: TableError.self) { try rows(url) }
        #expect(error?.place.hasPrefix("row group 0") == true)
        #expect(error?.place.contains("column 'text'") == true)
    }

    @Test(arguments: TableFixtures.files.filter { !$0.hasPrefix("flat-") || $0.contains("snappy-v1") })
    func filesCutShortAreRefused(file: String) throws {
        let folder = TemporaryFolder()
        let bytes = try TableFixtures.bytes(file)
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
            let url = try folder.write(file, bytes.prefix(length))
            let read = Result { try rows(url) }
            // A stream may end between two batches; what is there is whole.
            if case .success(let rows) = read { #expect(file.hasSuffix("arrow") && rows.count < 50) }
        }
    }

    @Test func aFileWithoutItsFooterAndDictionariesOfTwoMeaningsAreRefused() throws {
        let folder = TemporaryFolder()
        func refusal(_ bytes: some Sequence<UInt8>) throws -> TableError? {
            let url = try folder.write("a.arrow", Array(bytes))
            return #expect(throws: TableError.self) { try rows(url) }
        }
        let bytes = try TableFixtures.bytes("growing-file.arrow")
        #expect(try refusal(bytes.dropLast(10))?.place == "the end")
        // The mark of the last dictionary batch as an addition, in the footer's order, taken away: another in its place.
        let late = try TableFixtures.bytes("growing-late.arrow")
        var outcomes: Set<String> = []
        for index in late.indices where late[index] == 1 {
            var changed = late
            changed[index] = 0
            let url = try folder.write("a.arrow", changed)
            let read = Result { try rows(url) }
            if case .failure(let error) = read, let error = error as? TableError {
                outcomes.insert("\(error.place): \(error.found)")
            }
        }
        #expect(outcomes.contains("the footer, dictionary 0: another one"), "\(outcomes)")
    }

    /// Every byte in turn made to lie.
    @Test(arguments: [
        "nested-v1.parquet", "nested-v2.parquet", "flat-delta-v1.parquet", "typed-stream.arrow",
        "growing-late.arrow",
    ])
    func liesEndInRowsOrErrors(file: String) throws {
        let folder = TemporaryFolder()
        let bytes = try TableFixtures.bytes(file)
        for index in stride(from: 0, to: bytes.count, by: 11) {
            for lie in [0xFF, 0x7F, bytes[index] ^ 1] as [UInt8] {
                var damaged = bytes
                damaged[index] = lie
                let url = try folder.write(file, damaged)
                do {
                    _ = try rows(url)
                } catch {
                    #expect(error is TableError, "\(error)")
                }
            }
        }
    }
}

extension JSONValue {
    /// Whether values are the same, numbers up to the digits that a decimal keeps; not-a-number is itself.
    func isNear(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isNear($1) }
        case (.object(let a), .object(let b)):
            a.keys == b.keys && zip(a.values, b.values).allSatisfy { $0.isNear($1) }
        case (.integer, _), (.number, _):
            number == other.number || abs((number ?? 0) - (other.number ?? .infinity)) < 1e-9
        default: self == other
        }
    }
}
