/// The contents of a SentencePiece model (`.model`), a message of protocol buffers.
///
/// - SeeAlso: `sentencepiece_model.proto` of SentencePiece.
struct SentencePieceModel {
    let file: String
    private(set) var pieces = ByteStrings()
    private(set) var scores: [Float] = []
    private(set) var types: [PieceType] = []

    private(set) var isBytePair = false
    private(set) var fallsBackToBytes = false
    private(set) var characterMap: ArraySlice<UInt8> = []
    private(set) var addsPrefix = true
    private(set) var removesExtraSpace = true
    private(set) var marksSpaces = true

    /// The kind of a piece, by its number.
    enum PieceType: UInt64 {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    /// No vocabulary in use is near this size.
    private static let mostPieces = 1 << 22

    /// - Throws: `TokenizerError`, naming the field.
    init(_ bytes: [UInt8], file: String) throws(TokenizerError) {
        self.file = file
        try forEachField(of: bytes[...], in: nil) { field, value, place throws(TokenizerError) in
            switch field {
            case 1: try readPiece(try message(value, place("pieces[\(types.count)]")))
            case 2: try readTraining(try message(value, place("trainer_spec")))
            case 3: try readNormalization(try message(value, place("normalizer_spec")))
            case 5: try readDenormalization(try message(value, place("denormalizer_spec")))
            default: break
            }
        }
        guard !types.isEmpty else { throw malformed("pieces", "pieces", "none") }
        guard types.count(where: { $0 == .unknown }) == 1 else {
            throw malformed(
                "pieces", "one piece of the type UNKNOWN", "\(types.count(where: { $0 == .unknown }))")
        }
    }

    func malformed(_ place: String, _ expected: String, _ found: String) -> TokenizerError {
        .malformed(file: file, place: place, expected: expected, found: found)
    }

    // MARK: Fields

    /// Calls `body` with each field of a message, and what names a place in it.
    private func forEachField(
        of bytes: ArraySlice<UInt8>, in message: String?,
        _ body: (Int, ProtobufReader.Value, (String) -> String) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        var reader = ProtobufReader(bytes)
        while true {
            let field: (Int, ProtobufReader.Value)?
            do throws(ProtobufReader.Malformed) { field = try reader.next() } catch {
                let place = "byte \(error.offset)"
                throw malformed(message.map { "\($0), \(place)" } ?? place, error.expected, error.found)
            }
            guard let field else { return }
            try body(field.0, field.1) { name in message.map { "\($0).\(name)" } ?? name }
        }
    }

    private func message(
        _ value: ProtobufReader.Value, _ place: String
    ) throws(TokenizerError) -> (bytes: ArraySlice<UInt8>, place: String) {
        guard case .bytes(let bytes) = value else { throw malformed(place, "a message", "a number") }
        return (bytes, place)
    }

    private func number(_ value: ProtobufReader.Value, _ place: String) throws(TokenizerError) -> UInt64 {
        guard case .number(let number) = value else { throw malformed(place, "a number", "bytes") }
        return number
    }

    private func flag(_ value: ProtobufReader.Value, _ place: String) throws(TokenizerError) -> Bool {
        try number(value, place) != 0
    }

    private mutating func readPiece(_ message: (bytes: ArraySlice<UInt8>, place: String))
        throws(TokenizerError)
    {
        guard types.count < Self.mostPieces else {
            throw malformed("pieces", "at most \(Self.mostPieces)", "more")
        }
        var (piece, score, type): (ArraySlice<UInt8>, Float, PieceType) = ([], 0, .normal)
        try forEachField(of: message.bytes, in: message.place) { field, value, place throws(TokenizerError) in
            switch field {
            case 1: piece = try self.message(value, place("piece")).bytes
            case 2:
                guard case .fixed32(let bits) = value, Float(bitPattern: bits).isFinite else {
                    throw malformed(place("score"), "a finite number of 32 bits", "something else")
                }
                score = Float(bitPattern: bits)
            case 3:
                let number = try number(value, place("type"))
                guard let found = PieceType(rawValue: number) else {
                    throw malformed(place("type"), "a type from 1 to 6", "\(number)")
                }
                type = found
            default: break
            }
        }
        guard !piece.isEmpty, piece.count <= UnigramModel.longestToken,
            String(validating: piece, as: UTF8.self) != nil
        else {
            throw malformed(
                "\(message.place).piece", "text in UTF-8 of 1 to \(UnigramModel.longestToken) bytes",
                "\(piece.count) bytes")
        }
        pieces.append(piece)
        scores.append(score)
        types.append(type)
    }

    private mutating func readTraining(
        _ message: (bytes: ArraySlice<UInt8>, place: String)
    ) throws(TokenizerError) {
        try forEachField(of: message.bytes, in: message.place) { field, value, place throws(TokenizerError) in
            switch field {
            case 3:
                let type = try number(value, place("model_type"))
                guard type == 1 || type == 2 else {
                    let names: [UInt64: String] = [3: "WORD", 4: "CHAR"]
                    throw .unsupported(
                        file: file, place: place("model_type"), found: names[type] ?? "\(type)")
                }
                isBytePair = type == 2
            case 24 where try flag(value, place("treat_whitespace_as_suffix")):
                throw .unsupported(file: file, place: place("treat_whitespace_as_suffix"), found: "true")
            case 35: fallsBackToBytes = try flag(value, place("byte_fallback"))
            default: break
            }
        }
    }

    private mutating func readNormalization(
        _ message: (bytes: ArraySlice<UInt8>, place: String)
    ) throws(TokenizerError) {
        try forEachField(of: message.bytes, in: message.place) { field, value, place throws(TokenizerError) in
            switch field {
            case 2: characterMap = try self.message(value, place("precompiled_charsmap")).bytes
            case 3: addsPrefix = try flag(value, place("add_dummy_prefix"))
            case 4: removesExtraSpace = try flag(value, place("remove_extra_whitespaces"))
            case 5: marksSpaces = try flag(value, place("escape_whitespaces"))
            default: break
            }
        }
    }

    private func readDenormalization(
        _ message: (bytes: ArraySlice<UInt8>, place: String)
    ) throws(TokenizerError) {
        try forEachField(of: message.bytes, in: message.place) { field, value, place throws(TokenizerError) in
            if field == 2, try !self.message(value, place("precompiled_charsmap")).bytes.isEmpty {
                throw .unsupported(file: file, place: place("precompiled_charsmap"), found: "a map")
            }
        }
    }
}
