import Foundation
import LanguageModel
import Testing

/// SentencePiece models that are not what they must be: a typed error that names the field.
@Suite struct MalformedPieceModelTests {
    private func error(_ bytes: [UInt8]) throws -> TokenizerError? {
        let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).model")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        do throws(TokenizerError) {
            let tokenizer = try BytePairTokenizer(contentsOf: url)
            _ = tokenizer.decode(tokenizer.encode("Some text, ▁ 日本 \u{1F600}\u{301}."))
            _ = tokenizer.tokenizerJSON
            return nil
        } catch {
            return error
        }
    }

    /// A field that holds bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private static func piece(_ text: String, type: UInt8 = 1, score: [UInt8] = [0, 0, 0, 0xBF]) -> [UInt8] {
        field(1, field(1, Array(text.utf8)) + [0x15] + score + [0x18, type])
    }

    private static let unknown = piece("<unk>", type: 2)
    /// A double array of one unit, and a replacement.
    private static func map(_ bytes: [UInt8]) -> [UInt8] { unknown + field(3, field(2, bytes)) }

    @Test func aSoundModelIsRead() throws {
        #expect(try error(Self.unknown + Self.piece("a")) == nil)
        #expect(try error(Self.map([4, 0, 0, 0, 0, 0, 0, 0, 0x61, 0])) == nil)
    }

    @Test(
        arguments: [
            ([], "pieces", "none"),
            ([0x07], "byte 0", "0"),
            ([0x0A, 0x09, 0x01], "byte 0", "one of 9"),
            ([0x0A], "byte 1", "the end"),
            ([0x0B], "byte 0", "3"),
            ([0x08, 0x01], "pieces[0]", "a number"),
            (piece("a"), "pieces", "0"),
            (unknown + unknown, "pieces", "2"),
            (piece(""), "pieces[0].piece", "0 bytes"),
            (field(1, field(1, [0xFF])), "pieces[0].piece", "1 bytes"),
            (unknown + piece("a", type: 9), "pieces[1].type", "9"),
            (piece("a", score: [0, 0, 0xC0, 0x7F]), "pieces[0].score", "something else"),
            (field(1, [0x0A, 0x05, 0x61]), "pieces[0], byte 2", "one of 5"),
            (map([9]), "normalizer_spec.precompiled_charsmap", "1 bytes"),
            (map([8, 0, 0, 0, 0, 0, 0, 0]), "normalizer_spec.precompiled_charsmap", "8"),
            (map([4, 0, 0, 0, 0, 0, 0, 0, 0x61]), "normalizer_spec.precompiled_charsmap", "1 bytes"),
        ] as [([UInt8], String, String)])
    func malformedModelNamesTheField(bytes: [UInt8], place: String, found: String) throws {
        guard case .malformed(_, let key, _, let seen) = try #require(try error(bytes)) else {
            Issue.record("not called malformed")
            return
        }
        #expect((key, seen) == (place, found))
    }

    @Test(
        arguments: [
            (field(2, [0x18, 3]), "trainer_spec.model_type", "WORD"),
            (field(2, [0xC0, 1, 1]), "trainer_spec.treat_whitespace_as_suffix", "true"),
            (field(5, field(2, [1])), "denormalizer_spec.precompiled_charsmap", "a map"),
            (piece("a", type: 5) + field(2, [0x18, 2]), "pieces[1].type", "UNUSED with merges"),
        ] as [([UInt8], String, String)])
    func whatIsNotDoneIsNamed(bytes: [UInt8], place: String, found: String) throws {
        guard case .unsupported(_, let key, let seen) = try #require(try error(Self.unknown + bytes)) else {
            Issue.record("not called unsupported")
            return
        }
        #expect((key, seen) == (place, found))
    }

    @Test(arguments: ["unigram.model", "merges-bare.model"])
    func changedAndTruncatedBytesNeverCrash(name: String) throws {
        let sound = try [UInt8](Data(contentsOf: TokenizerData.fixtures.appending(path: name)))
        for _ in 0..<150 {
            var bytes = sound
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255) }
            _ = try error(bytes)
            _ = try error(Array(sound[..<Int.random(in: 0..<sound.count)]))
        }
    }
}
