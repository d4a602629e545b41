import Foundation
import Testing
import TextCorpus

@Suite struct StreamedTextDecoderTests {
    private static let text = "Die Möwe 🦅 fliegt über den Fjord;\r\n日本の海。e\u{301} 🏴󠁧󠁢󠁳󠁣󠁴󠁿\n"

    private static let encodings: [String: [UInt8]] = {
        func wide(_ encoding: String.Encoding, _ mark: [UInt8]) -> [UInt8] {
            mark + Array(text.data(using: encoding) ?? Data())
        }
        return [
            "UTF-8": Array(text.utf8), "UTF-8 with a mark": [0xef, 0xbb, 0xbf] + Array(text.utf8),
            "UTF-16LE": wide(.utf16LittleEndian, [0xff, 0xfe]),
            "UTF-16BE": wide(.utf16BigEndian, [0xfe, 0xff]),
        ]
    }()

    private func decoded(_ bytes: [UInt8], parts: Int) -> [UInt8] {
        var decoder = StreamedTextDecoder()
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: parts) {
            result += decoder.utf8(Array(bytes[start..<min(start + parts, bytes.count)]), isLast: false)
        }
        return result + decoder.utf8([], isLast: true)
    }

    @Test(arguments: ["UTF-8", "UTF-8 with a mark", "UTF-16LE", "UTF-16BE"], 1...9)
    func partsMakeTheWholeText(encoding: String, length: Int) throws {
        let bytes = try #require(Self.encodings[encoding])
        #expect(decoded(bytes, parts: length) == Array(Self.text.utf8))
        #expect(decoded(bytes, parts: bytes.count) == Array(Self.text.utf8))
    }

    @Test func latin1BecomesText() {
        let bytes: [UInt8] =
            Array("Die M".utf8) + [0xf6] + Array("we fliegt ".utf8) + [0xfc] + Array("ber\n".utf8)
        #expect(decoded(bytes, parts: bytes.count) == Array("Die Möwe fliegt über\n".utf8))
    }

    @Test(arguments: [[0xff], [0xff, 0xfe, 0x41], [0xe6, 0x97], []] as [[UInt8]])
    func whatIsCutIsNoTrap(bytes: [UInt8]) {
        #expect(decoded(bytes, parts: 1).count < 8)
    }
}
