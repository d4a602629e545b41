import JSON

/// A page of a column: levels, which mark missing values and the beginnings of lists, and values.
struct ParquetPage {
    /// Levels and values, as many as are left of `entries`.
    var entries: Int
    var repetitions: HybridDecoder?
    var definitions: HybridDecoder?
    var values: any PageValues
}

/// The header before a page.
struct ParquetPageHeader {
    var kind = 0
    var size = 0
    var compressedSize = 0
    var entries = 0
    var encoding = 0
    /// The encoding of levels, in pages of the first version.
    var definitionEncoding = 3
    var repetitionEncoding = 3
    /// The bytes of levels, in pages of the second version.
    var definitionSize = 0
    var repetitionSize = 0
    var isCompressed = true

    static let data = 0, dictionary = 2, dataOfVersion2 = 3

    init(_ thrift: inout ThriftReader) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch field {
            case 1: kind = try thrift.integer()
            case 2: size = try thrift.integer()
            case 3: compressedSize = try thrift.integer()
            case 5, 7, 8: try readDetails(&thrift, kind: field)
            default: break
            }
        }
    }

    private mutating func readDetails(_ thrift: inout ThriftReader, kind: Int) throws(TableError) {
        try thrift.forEachField { thrift, field throws(TableError) in
            switch (kind, field) {
            case (_, 1): entries = try thrift.integer()
            case (5, 2), (7, 2), (8, 4): encoding = try thrift.integer()
            case (5, 3): definitionEncoding = try thrift.integer()
            case (5, 4): repetitionEncoding = try thrift.integer()
            case (8, 5): definitionSize = try thrift.integer()
            case (8, 6): repetitionSize = try thrift.integer()
            case (8, 7): isCompressed = try thrift.bool()
            default: break
            }
        }
    }
}

/// Makes pages of their bytes.
struct ParquetPageDecoder {
    let leaf: ParquetSchema.Leaf
    let compression: Compression

    /// The values of a dictionary.
    func dictionary(_ header: ParquetPageHeader, _ bytes: Bytes) throws(TableError) -> [JSONValue] {
        let bytes = try compression.decompressed(bytes, size: header.size)
        guard header.encoding == 0 || header.encoding == 2 else {
            throw TableError(found: "a dictionary in encoding \(header.encoding)", expected: "0")
        }
        // A value takes a bit at least.
        guard header.entries >= 0, header.entries <= bytes.count * 8 else {
            throw TableError(
                found: "\(header.entries) values in a dictionary", expected: "up to \(bytes.count * 8)")
        }
        var values = PlainValues(bytes, leaf.type)
        var dictionary: [JSONValue] = []
        for _ in 0..<header.entries { dictionary.append(try values.next()) }
        return dictionary
    }

    /// A page of values.
    func page(
        _ header: ParquetPageHeader, _ bytes: Bytes, dictionary: [JSONValue]?
    ) throws(TableError) -> ParquetPage {
        guard (0...Int(Int32.max)).contains(header.entries) else {
            throw TableError(found: "\(header.entries) values in a page", expected: "0 to \(Int32.max)")
        }
        var repetitions: HybridDecoder?
        var definitions: HybridDecoder?
        let rest: Bytes
        if header.kind == ParquetPageHeader.dataOfVersion2 {
            var reader = ByteReader(bytes)
            repetitions = try levels(reader.take(header.repetitionSize), upTo: leaf.repetitionLevel)
            definitions = try levels(reader.take(header.definitionSize), upTo: leaf.definitionLevel)
            let size = header.size - header.repetitionSize - header.definitionSize
            let compressed = try reader.take(reader.left)
            // Values that are all null are no bytes, compressed or not.
            let isEmpty = compressed.count == 0 && size == 0
            rest = try (header.isCompressed && !isEmpty ? compression : .uncompressed).decompressed(
                compressed, size: size)
        } else {
            var reader = ByteReader(try compression.decompressed(bytes, size: header.size))
            repetitions = try sizedLevels(
                &reader, upTo: leaf.repetitionLevel, encoding: header.repetitionEncoding)
            definitions = try sizedLevels(
                &reader, upTo: leaf.definitionLevel, encoding: header.definitionEncoding)
            rest = try reader.take(reader.left)
        }
        return ParquetPage(
            entries: header.entries, repetitions: repetitions, definitions: definitions,
            values: try values(header, rest, dictionary: dictionary))
    }

    private func levels(_ bytes: Bytes, upTo level: Int) throws(TableError) -> HybridDecoder? {
        level == 0 ? nil : try HybridDecoder(bytes, width: Int.bitWidth - level.leadingZeroBitCount)
    }

    private func sizedLevels(
        _ reader: inout ByteReader, upTo level: Int, encoding: Int
    ) throws(TableError) -> HybridDecoder? {
        guard level > 0 else { return nil }
        guard encoding == 3 else {
            throw TableError(found: "levels in encoding \(encoding)", expected: "3 (RLE)")
        }
        let size: UInt32 = try reader.number()
        return try levels(reader.take(Int(size)), upTo: level)
    }

    private func values(
        _ header: ParquetPageHeader, _ bytes: Bytes, dictionary: [JSONValue]?
    ) throws(TableError) -> any PageValues {
        let storage = leaf.type.storage
        switch header.encoding {
        case 0: return PlainValues(bytes, leaf.type)
        case 2, 8:
            guard let dictionary else {
                throw TableError(found: "places of a dictionary", expected: "the dictionary before them")
            }
            return try DictionaryValues(bytes, of: dictionary)
        case 3 where storage == .boolean: return try BooleanRuns(bytes)
        case 5 where storage == .int32 || storage == .int64:
            return try DeltaNumbers(bytes, leaf.type, count: header.entries)
        case 6 where storage == .bytes: return try DeltaLengthBytes(bytes, leaf.type, count: header.entries)
        case 7 where storage == .bytes || storage == .fixedBytes:
            return try DeltaPrefixedBytes(bytes, leaf.type, count: header.entries)
        case 9 where leaf.type.length > 0: return try SplitValues(bytes, leaf.type)
        default:
            throw TableError(
                found: "\(storage) values in encoding \(header.encoding)",
                expected: "PLAIN, a dictionary, RLE, DELTA_… or BYTE_STREAM_SPLIT as the format has them")
        }
    }
}
