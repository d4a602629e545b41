import Foundation
import JSON
import Tables
import TestSupport
import Testing

@Suite struct ParquetReaderTests {
    private func error(_ bytes: [UInt8]) throws -> TableError? {
        let folder = TemporaryFolder()
        let url = try folder.write("a.parquet", bytes)
        return #expect(throws: TableError.self) { try rows(url) }
    }

    /// A file of a footer alone.
    private func file(footer: [UInt8]) -> [UInt8] {
        let size = withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) }
        return Array("PAR1".utf8) + footer + size + Array("PAR1".utf8)
    }

    @Test func anotherFormatIsNamed() throws {
        #expect(try error(Array("{\"text\": \"no table\"}".utf8))?.expected == "a Parquet file")
        #expect(try error([])?.expected == "a Parquet file")
    }

    @Test func aFooterThatIsNotThereIsRefused() throws {
        let whole = try TableFixtures.bytes("flat-none-v1.parquet")
        #expect(try error(Array(whole.dropLast(1)))?.found == "no \"PAR1\" at the end")
        var lying = whole
        lying.replaceSubrange(lying.count - 8..<lying.count - 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try error(lying)?.found == "a footer of 4294967295 bytes")
    }

    @Test func aFooterNestedWithoutEndIsRefused() throws {
        // Field 1 of each structure is a structure.
        #expect(
            try error(file(footer: Array(repeating: 0x1C, count: 10_000)))?.found == "nesting over 32 deep")
    }

    @Test func aListOfMoreThanTheFooterHoldsIsRefused() throws {
        // Field 2 is a list of 2³¹ − 1 structures.
        let footer: [UInt8] = [0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]
        #expect(try error(file(footer: footer))?.found == "a list of 2147483647")
    }

    @Test func aTableWithoutColumnsIsRefused() throws {
        #expect(try error(file(footer: [0]))?.place == "the schema")
    }

    @Test func compressionThatIsNotReadIsNamed() throws {
        // The codec of the first column, SNAPPY, is made LZO.
        var bytes = try TableFixtures.bytes("flat-snappy-v1.parquet")
        let path: [UInt8] = Array("text".utf8) + [0x15, 0x02]
        let place = try #require(
            (0..<bytes.count - path.count).first { bytes[$0..<$0 + path.count].elementsEqual(path) })
        bytes[place + path.count - 1] = 0x06
        let refused = try error(bytes)
        #expect(refused?.found == "compression LZO")
        #expect(refused?.place == "row group 0, column 'text'")
    }
}
