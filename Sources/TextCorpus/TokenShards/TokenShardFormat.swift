import Tables

/// The layout of a token shard: a header, the tokens of all documents one after the other, and where each
/// document begins.
///
/// All numbers are little-endian.
///
///     offset  bytes  what
///          0      8  "HONETOKS"
///          8      4  version, 1
///         12      4  bytes of a token, 2 or 4
///         16      8  documents, D
///         24      8  tokens, T
///         32      8  size of the vocabulary: every token is smaller
///         40      4  CRC-32 of the tokens, padding included
///         44      4  CRC-32 of the offsets
///         48     12  zero
///         60      4  CRC-32 of the 60 bytes before
///         64      …  T tokens, padded with zeros to a multiple of 8 bytes
///                 …  D + 1 offsets of 8 bytes: document d has the tokens from offset d up to offset d + 1
struct TokenShardHeader: Equatable {
    var tokenBytes = 2
    var documents = 0
    var tokens = 0
    var vocabularySize = 0
    var tokensChecksum: UInt32 = 0
    var offsetsChecksum: UInt32 = 0

    static let bytes = 64
    static let version = 1
    private static let magic = Array("HONETOKS".utf8)

    /// The field that makes bytes no header.
    struct Fault: Error { let field: String, found: String, expected: String }

    init() {}

    /// Reads a header; nothing in it is believed before its checksum holds.
    init(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
        guard bytes.count >= Self.bytes else {
            throw Fault(field: "the header", found: "\(bytes.count) bytes", expected: "\(Self.bytes)")
        }
        guard bytes[0..<8].elementsEqual(Self.magic) else {
            throw Fault(field: "the first bytes", found: "something else", expected: "HONETOKS")
        }
        func number32(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func count(_ offset: Int, _ field: String) throws(Fault) -> Int {
            let value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            guard value < 1 << 48 else {
                throw Fault(field: field, found: "\(value)", expected: "less than 2⁴⁸")
            }
            return Int(value)
        }
        let checksum = crc(0, UnsafeRawBufferPointer(rebasing: bytes[0..<60]))
        guard number32(60) == checksum else {
            throw Fault(
                field: "the header's checksum", found: hexadecimal(number32(60)),
                expected: hexadecimal(checksum))
        }
        guard number32(8) == Self.version else {
            throw Fault(field: "the version", found: "\(number32(8))", expected: "\(Self.version)")
        }
        tokenBytes = Int(number32(12))
        guard tokenBytes == 2 || tokenBytes == 4 else {
            throw Fault(field: "the bytes of a token", found: "\(tokenBytes)", expected: "2 or 4")
        }
        documents = try count(16, "the number of documents")
        tokens = try count(24, "the number of tokens")
        vocabularySize = try count(32, "the size of the vocabulary")
        tokensChecksum = number32(40)
        offsetsChecksum = number32(44)
    }

    /// The header as bytes.
    var encoded: [UInt8] {
        var bytes = Self.magic
        func append<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        append(UInt32(Self.version))
        append(UInt32(tokenBytes))
        append(UInt64(documents))
        append(UInt64(tokens))
        append(UInt64(vocabularySize))
        append(tokensChecksum)
        append(offsetsChecksum)
        bytes.append(contentsOf: repeatElement(0, count: 12))
        append(bytes.withUnsafeBytes { crc(0, $0) })
        return bytes
    }

    /// Bytes of the tokens with their padding.
    var tokenBlockBytes: Int { (tokens * tokenBytes + 7) & ~7 }
    /// The position of the offsets, bytes.
    var offsetsStart: Int { Self.bytes + tokenBlockBytes }
    /// The size of the file.
    var fileBytes: Int { offsetsStart + (documents + 1) * 8 }
}
