import Foundation
import LanguageModel
import Testing

@Suite struct JSONScannerTests {
    private func scan(_ text: String) throws -> Int {
        var scanner = JSONScanner(Array(text.utf8))
        var tokens = 0
        while try scanner.next() != nil { tokens += 1 }
        return tokens
    }

    @Test(arguments: [
        "{}", "[]", "3", "-0.5e+10", "\"a\"", "true", " [1, 2, {\"a\": [null, false]}] ",
        "{\"a\":{},\"b\":[]}\n",
        "\"\\u00e9\\\"\"", "[\"\",{}]",
    ]) func wellFormedTextIsRead(text: String) throws {
        #expect(try scan(text) > 0)
        #expect((try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1 2]", "[1}", "{\"a\":1]", "tru", "-",
        "1.", "1e",
        "\"a", "\"a\nb\"", "{} {}", "[\"a\\", "nulll", "{1:2}", "]",
    ]) func malformedTextIsAFault(text: String) {
        #expect(throws: JSONScanner.Fault.self) { try scan(text) }
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONScanner.Fault.self) { try scan(deep) }
    }

    @Test func stringsSurviveWritingAndReading() throws {
        let strings = [
            "", "plain", "quote \" backslash \\ slash /", "\u{0}\u{1f}\n\r\t\u{8}\u{c}\u{7f}", "é 日本 🎈",
            "\u{2028}\u{fffd}",
        ]
        for string in strings {
            var bytes: [UInt8] = []
            bytes.appendJSONString(string)
            let read = try unescapedJSONString(bytes, 1..<bytes.count - 1, escaped: true)
            #expect(read.text == string)
            #expect(read.replacements == 0)
            #expect(try JSONDecoder().decode(String.self, from: Data(bytes)) == string)
        }
    }

    @Test(arguments: [
        (#"\ud83c\udf88"#, "🎈", 0), (#"\u00e9"#, "é", 0), (#"\ud83c"#, "\u{fffd}", 1),
        (#"\ud83cx"#, "\u{fffd}x", 1),
        (#"\udf88\ud83c\u0041"#, "\u{fffd}\u{fffd}A", 2), (#"\/\b\f\n\r\t"#, "/\u{8}\u{c}\n\r\t", 0),
    ]) func escapesAreRead(escaped: String, text: String, replacements: Int) throws {
        let bytes = Array(escaped.utf8)
        let read = try unescapedJSONString(bytes, 0..<bytes.count, escaped: true)
        #expect(read.text == text)
        #expect(read.replacements == replacements)
    }

    @Test(arguments: [#"\x41"#, #"\u12"#, #"\u12g4"#, #"\"#]) func otherEscapesAreFaults(escaped: String) {
        let bytes = Array(escaped.utf8)
        #expect(throws: JSONScanner.Fault.self) {
            try unescapedJSONString(bytes, 0..<bytes.count, escaped: true)
        }
    }
}
