import JSON

/// Goes through the entries of one column of a group of rows: its values, and the places where none is.
final class ParquetColumn {
    let leaf: ParquetSchema.Leaf
    /// The levels of the entry that is next.
    private(set) var repetition = 0
    private(set) var definition = 0
    /// Whether no entry is left.
    private(set) var isAtEnd = false

    private let decoder: ParquetPageDecoder
    private let bytes: Bytes
    private var position = 0
    private var dictionary: [JSONValue]?
    private var page: ParquetPage?
    private var entriesLeft: Int

    private static let compressions: [Compression?] = [
        .uncompressed, .snappy, .gzip, nil, .brotli, nil, .zstandard, .lz4,
    ]
    private static let codecs = [
        "UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4 of Hadoop", "ZSTD", "LZ4",
    ]

    init(
        _ leaf: ParquetSchema.Leaf, _ chunk: ParquetMetadata.Chunk, in file: Bytes
    ) throws(TableError) {
        self.leaf = leaf
        guard chunk.file == nil, !chunk.isEncrypted else {
            throw TableError(
                found: chunk.isEncrypted ? "encrypted values" : "values in another file, \(chunk.file ?? "")",
                expected: "values in this file, not encrypted")
        }
        let isKnown = Self.compressions.indices.contains(chunk.codec)
        guard isKnown, let compression = Self.compressions[chunk.codec] else {
            throw TableError(
                found: "compression \(isKnown ? Self.codecs[chunk.codec] : "\(chunk.codec)")",
                expected:
                    "none, SNAPPY, GZIP, BROTLI, ZSTD or LZ4 (raw); pyarrow rewrites a file FROM as TO by "
                    + "pyarrow.parquet.write_table(pyarrow.parquet.read_table(FROM), TO)")
        }
        decoder = ParquetPageDecoder(leaf: leaf, compression: compression)
        // Some writers write zero if there is no dictionary.
        let start = chunk.dictionaryOffset.map { $0 > 0 ? min($0, chunk.dataOffset) : chunk.dataOffset }
        bytes = try file.slice(start ?? chunk.dataOffset, count: chunk.compressedSize)
        entriesLeft = chunk.values
        try advance()
    }

    /// Steps to the next entry.
    func advance() throws(TableError) {
        while (page?.entries ?? 0) == 0 {
            guard entriesLeft > 0 else {
                isAtEnd = true
                repetition = 0
                return
            }
            try beginPage()
        }
        page?.entries -= 1
        repetition = try page?.repetitions?.next() ?? 0
        definition = try page?.definitions?.next() ?? 0
        guard repetition <= leaf.repetitionLevel, definition <= leaf.definitionLevel else {
            throw TableError(
                found: "levels \(repetition) and \(definition)",
                expected: "at most \(leaf.repetitionLevel) and \(leaf.definitionLevel)")
        }
    }

    /// The value of the entry, where there is one.
    func value() throws(TableError) -> JSONValue { try page?.values.next() ?? .null }

    private func beginPage() throws(TableError) {
        var thrift = ThriftReader(try bytes.slice(position, count: bytes.count - position))
        let header: ParquetPageHeader
        do throws(TableError) {
            header = try ParquetPageHeader(&thrift)
        } catch {
            throw error.within("the header of a page")
        }
        let contents = try bytes.slice(position + thrift.position, count: header.compressedSize)
        position += thrift.position + header.compressedSize
        switch header.kind {
        case ParquetPageHeader.dictionary:
            guard dictionary == nil else { throw TableError(found: "a second dictionary", expected: "one") }
            dictionary = try decoder.dictionary(header, contents)
        case ParquetPageHeader.data, ParquetPageHeader.dataOfVersion2:
            guard header.entries <= entriesLeft else {
                throw TableError(found: "a page of \(header.entries) values", expected: "\(entriesLeft)")
            }
            page = try decoder.page(header, contents, dictionary: dictionary)
            entriesLeft -= header.entries
        default: break
        }
    }
}
