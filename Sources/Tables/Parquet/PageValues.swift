import JSON

/// Gives the values of a page one after another.
protocol PageValues {
    mutating func next() throws(TableError) -> JSONValue
}

/// Values as they are, one behind the other.
struct PlainValues: PageValues {
    private var reader: ByteReader
    private let type: ParquetType
    private var bit = 0

    init(_ bytes: Bytes, _ type: ParquetType) {
        reader = ByteReader(bytes)
        self.type = type
    }

    mutating func next() throws(TableError) -> JSONValue {
        switch type.storage {
        case .boolean:
            guard bit < reader.left * 8 else {
                throw TableError(found: "the end of the values", expected: "one more")
            }
            defer { bit += 1 }
            return .bool(reader.bytes.bits(at: bit, width: 1) == 1)
        case .bytes:
            let length: UInt32 = try reader.number()
            return try type.value(of: reader.take(Int(length)))
        default: return try type.value(of: reader.take(type.length))
        }
    }
}

/// Values of a dictionary, by their places in it.
struct DictionaryValues: PageValues {
    private let dictionary: [JSONValue]
    private var places: HybridDecoder

    init(_ bytes: Bytes, of dictionary: [JSONValue]) throws(TableError) {
        self.dictionary = dictionary
        var reader = ByteReader(bytes)
        // A page without values may have no bytes at all.
        let width = reader.left == 0 ? 0 : Int(try reader.byte())
        places = try HybridDecoder(reader.take(reader.left), width: width)
    }

    mutating func next() throws(TableError) -> JSONValue {
        let place = try places.next()
        guard dictionary.indices.contains(place) else {
            throw TableError(
                found: "place \(place) of the dictionary", expected: "less than \(dictionary.count)")
        }
        return dictionary[place]
    }
}

/// Truths in runs.
struct BooleanRuns: PageValues {
    private var runs: HybridDecoder

    init(_ bytes: Bytes) throws(TableError) {
        var reader = ByteReader(bytes)
        let length: UInt32 = try reader.number()
        runs = try HybridDecoder(reader.take(Int(length)), width: 1)
    }

    mutating func next() throws(TableError) -> JSONValue { .bool(try runs.next() == 1) }
}

/// Whole numbers as differences.
struct DeltaNumbers: PageValues {
    private var numbers: DeltaDecoder
    private let type: ParquetType

    init(_ bytes: Bytes, _ type: ParquetType, count: Int) throws(TableError) {
        numbers = try DeltaDecoder(bytes, atMost: count)
        self.type = type
    }

    mutating func next() throws(TableError) -> JSONValue {
        let number = try numbers.next()
        return type.value(of: type.storage == .int32 ? Int64(Int32(truncatingIfNeeded: number)) : number)
    }
}

/// Bytes one behind the other, their lengths before all of them.
struct DeltaLengthBytes: PageValues {
    private var lengths: DeltaDecoder
    private var reader: ByteReader
    private let type: ParquetType

    init(_ bytes: Bytes, _ type: ParquetType, count: Int) throws(TableError) {
        lengths = try DeltaDecoder(bytes, atMost: count)
        reader = ByteReader(try lengths.rest())
        self.type = type
    }

    mutating func nextBytes() throws(TableError) -> Bytes {
        try reader.take(Int(try lengths.next()))
    }

    mutating func next() throws(TableError) -> JSONValue { try type.value(of: nextBytes()) }
}

/// Bytes as the number that they share with the value before, and the others.
struct DeltaPrefixedBytes: PageValues {
    private var prefixes: DeltaDecoder
    private var suffixes: DeltaLengthBytes
    private var before: Bytes
    private let type: ParquetType

    init(_ bytes: Bytes, _ type: ParquetType, count: Int) throws(TableError) {
        prefixes = try DeltaDecoder(bytes, atMost: count)
        suffixes = try DeltaLengthBytes(prefixes.rest(), type, count: count)
        before = try bytes.slice(0, count: 0)
        self.type = type
    }

    mutating func next() throws(TableError) -> JSONValue {
        let prefix = try before.slice(0, count: Int(try prefixes.next()))
        let suffix = try suffixes.nextBytes()
        let isFixed = type.storage == .fixedBytes
        guard !isFixed || prefix.count + suffix.count == type.length else {
            throw TableError(
                found: "a value of \(prefix.count + suffix.count) bytes", expected: "\(type.length)")
        }
        before = try Bytes(count: prefix.count + suffix.count) { output throws(TableError) in
            output.copyMemory(from: prefix.memory)
            UnsafeMutableRawBufferPointer(rebasing: output[prefix.count...]).copyMemory(from: suffix.memory)
        }
        return try type.value(of: before)
    }
}

/// Values stored as all first bytes, then all second bytes, and so on.
struct SplitValues: PageValues {
    private let bytes: Bytes
    private let type: ParquetType
    private let count: Int
    private var index = 0

    init(_ bytes: Bytes, _ type: ParquetType) throws(TableError) {
        guard type.length > 0, bytes.count % type.length == 0 else {
            throw TableError(
                found: "\(bytes.count) bytes of split values", expected: "a multiple of \(type.length)")
        }
        (self.bytes, self.type, count) = (bytes, type, bytes.count / type.length)
    }

    mutating func next() throws(TableError) -> JSONValue {
        guard index < count else { throw TableError(found: "the end of the values", expected: "one more") }
        defer { index += 1 }
        return try type.value(
            of: Bytes(count: type.length) { output throws(TableError) in
                for place in 0..<type.length { output[place] = bytes.memory[place * count + index] }
            })
    }
}
