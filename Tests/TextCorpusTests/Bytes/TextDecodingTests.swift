import Foundation
import Testing
import TextCorpus

@Suite struct TextDecodingTests {
    @Test func validUTF8StaysAsItIs() {
        let decoded = decodedText(Array("naïve – 日本 🎈".utf8))
        #expect(decoded.text == "naïve – 日本 🎈")
        #expect(decoded.replacements == 0)
        #expect(!decoded.converted)
    }

    @Test func latin1IsToldFromDamagedUTF8() {
        #expect(decodedText([0x63, 0x61, 0x66, 0xe9]).text == "café")
        #expect(decodedText([0x93, 0x68, 0x69, 0x94]).text == "“hi”")
        // One well-formed character says that the text is UTF-8.
        let damaged = decodedText(Array("é and ".utf8) + [0xe9, 0x21])
        #expect(damaged.text == "é and \u{fffd}!")
        #expect(damaged.replacements == 1)
    }

    @Test func byteOrderMarksDecide() {
        #expect(decodedText([0xff, 0xfe, 0x68, 0x00, 0x69, 0x00]).text == "hi")
        #expect(decodedText([0xfe, 0xff, 0x00, 0x68, 0x00, 0x69]).text == "hi")
        #expect(decodedText([0xef, 0xbb, 0xbf, 0x68, 0x69]).text == "hi")
    }

    /// What is replaced, and how often, is what the standard library's decoder does.
    @Test func replacementsAreCounted() {
        let pieces: [[UInt8]] = [
            [0x41], [0xc3, 0xa9], [0xe2, 0x82, 0xac], [0xf0, 0x9f, 0x8e, 0x88], [0x80], [0xc0, 0xaf],
            [0xed, 0xa0, 0x80],
            [0xe2, 0x82], [0xf0, 0x9f], [0xf5, 0x80], [0xff],
        ]
        var state: UInt64 = 7
        for _ in 0..<500 {
            var bytes: [UInt8] = [0xc3, 0xa9]
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes += pieces[Int((state >> 33) % UInt64(pieces.count))]
            }
            let decoded = decodedText(bytes)
            #expect(decoded.text == String(decoding: bytes, as: UTF8.self))
            #expect(decoded.replacements == decoded.text.unicodeScalars.count { $0 == "\u{fffd}" })
        }
    }
}
