/// Reads the fields of one message of protocol buffers, one after another.
///
/// - SeeAlso: [Encoding](https://protobuf.dev/programming-guides/encoding/). Departures: groups are refused.
struct ProtobufReader {
    /// The value of a field, by its wire type.
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed32(UInt32)
        case fixed64(UInt64)
    }

    /// A mistake, and the byte of the file at which it stands.
    struct Malformed: Error {
        var offset: Int
        var expected, found: String
    }

    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The next field and its number, or nil at the end of the message.
    mutating func next() throws(Malformed) -> (field: Int, value: Value)? {
        guard !bytes.isEmpty else { return nil }
        let start = bytes.startIndex
        let key = try number()
        guard key >> 3 > 0, let field = Int(exactly: key >> 3), field < 1 << 29 else {
            throw Malformed(offset: start, expected: "the number of a field", found: "\(key >> 3)")
        }
        switch key & 7 {
        case 0: return (field, .number(try number()))
        case 1: return (field, .fixed64(try word(of: 8)))
        case 2:
            let length = try number()
            guard let length = Int(exactly: length), length <= bytes.count else {
                throw Malformed(
                    offset: start, expected: "a field of at most the \(bytes.count) bytes that are left",
                    found: "one of \(length)")
            }
            return (field, .bytes(try take(length)))
        case 5: return (field, .fixed32(UInt32(try word(of: 4))))
        case let type:
            throw Malformed(offset: start, expected: "a wire type of 0, 1, 2 or 5", found: "\(type)")
        }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.count else {
            throw Malformed(offset: bytes.startIndex, expected: "\(count) bytes", found: "the end")
        }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    private mutating func word(of count: Int) throws(Malformed) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A number of seven bits to the byte, the lowest first.
    private mutating func number() throws(Malformed) -> UInt64 {
        let start = bytes.startIndex
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while let byte = bytes.popFirst() {
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed(
            offset: start, expected: "a number of 64 bits", found: bytes.isEmpty ? "the end" : "more bits")
    }
}
