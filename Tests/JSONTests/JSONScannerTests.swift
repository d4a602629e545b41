import Foundation
import JSON
import Testing

@Suite struct JSONScannerTests {
    private func skip(_ text: String, _ rules: JSONRules = JSONRules()) throws {
        var json = JSONScanner(Array(text.utf8), rules: rules)
        try json.skip()
        try json.end()
    }

    @Test(arguments: [
        "{}", "[]", "3", "-0.5e+10", "\"a\"", "true", " [1, 2, {\"a\": [null, false]}] ",
        "{\"a\":{},\"b\":[]}\n", "\"\\u00e9\\\"\"", "[\"\",{}]", "1e400",
    ]) func wellFormedTextIsPassedOver(text: String) throws {
        try skip(text)
        var json = JSONScanner(Array("[\(text),7]".utf8))
        try json.enterArray()
        #expect(try json.nextElement() && json.nextElement())
        #expect(try json.integer(in: 0...9) == 7)
        #expect(try !json.nextElement())
        try json.end()
    }

    @Test(arguments: [
        "", "{", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1 2]", "[1}", "{\"a\":1]", "tru", "-",
        "1.", "1e", "01", "-01", "+1", ".5", "\"a", "\"a\nb\"", "{} {}", "[\"a\\", "nulll", "{1:2}", "]",
        "nan", "NaN", "inf", "Infinity", "-Infinity", "0x1", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"",
    ]) func malformedTextIsAnErrorReadOrNot(text: String) {
        #expect(throws: JSONError.self) { try skip(text) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func depthIsBounded() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError.self) { try skip(deep) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
        try skip("[[{\"a\":[]}]]", JSONRules(depth: 4))
        #expect(throws: JSONError.self) { try skip("[[{\"a\":[]}]]", JSONRules(depth: 3)) }
    }

    @Test func wordsOfPythonAreNumbersOnRequest() throws {
        let text = Array("[NaN, Infinity, -Infinity, 1e999, -2]".utf8)
        let numbers = try JSONValue(parsing: text, allowingNonFinite: true).array?.compactMap(\.number) ?? []
        #expect(numbers.count == 5 && numbers[0].isNaN)
        #expect(numbers.dropFirst() == [.infinity, -.infinity, .infinity, -2])
    }

    @Test func wholeNumbersKeepEveryDigit() throws {
        let text = "[9007199254740993, -9223372036854775808, 9223372036854775807, 9223372036854775808, 1.0]"
        let value = try JSONValue(parsing: text)
        #expect(value.array?.prefix(3) == [9_007_199_254_740_993, .integer(.min), .integer(.max)])
        #expect(value.array?[3] == .number(9_223_372_036_854_775_808))
        #expect(value.text().hasPrefix("[9007199254740993, -9223372036854775808, 9223372036854775807, "))
    }

    @Test func aKeyThatStandsTwiceIsRefusedOnRequest() throws {
        let rules = JSONRules(repeatedKeys: .refused)
        try skip(#"{"a": {"a": 1}, "b": {"a": 2}}"#, rules)
        #expect(throws: JSONError.self) { try skip(#"{"a": 1, "\u0061": 2}"#, rules) }
        #expect(throws: JSONError.self) { try skip(#"[{"b": {"a": 1, "c": 0, "a": 2}}]"#, rules) }
    }

    @Test func errorsNameTheKeyAndLine() throws {
        let text = "{\n\"a\": [1,\n {\"b\": 2, \"c\": [true, x]}]}"
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.place == "a[1].c[1], line 3")
        #expect(error?.found == "\"x]}]}\"" && error?.expected == "a value" && error?.offset == 33)
    }

    @Test func stringsSurviveWritingAndReading() throws {
        let strings = [
            "", "plain", "quote \" backslash \\ slash /", "\u{0}\u{1f}\n\r\t\u{8}\u{c}\u{7f}", "é 日本 🎈",
            "\u{2028}\u{fffd}",
        ]
        for string in strings {
            var bytes: [UInt8] = []
            bytes.appendJSON(string)
            var json = JSONScanner(bytes, rules: JSONRules(repairsText: true))
            #expect(try json.string() == string)
            #expect(json.replacements == 0)
            #expect(try JSONDecoder().decode(String.self, from: Data(bytes)) == string)
        }
    }

    @Test(arguments: [
        (#"\ud83c\udf88"#, "🎈", 0), (#"\u00e9"#, "é", 0), (#"\ud83c"#, "\u{fffd}", 1),
        (#"\ud83cx"#, "\u{fffd}x", 1), (#"\ud83c\u12"#, nil, 0),
        (#"\udf88\ud83c\u0041"#, "\u{fffd}\u{fffd}A", 2), (#"\/\b\f\n\r\t"#, "/\u{8}\u{c}\n\r\t", 0),
        (#"\x41"#, nil, 0), (#"\u12"#, nil, 0), (#"\u12g4"#, nil, 0), (#"\"#, nil, 0),
    ]) func escapesAreReadAndRepaired(escaped: String, text: String?, replacements: Int) throws {
        var json = JSONScanner(Array("\"\(escaped)\"".utf8), rules: JSONRules(repairsText: true))
        let read = try? json.string()
        #expect(read == text)
        if text != nil { #expect(json.replacements == replacements) }
    }

    /// The number of replacements is that of the Unicode Standard's maximal subparts, as String decodes.
    @Test func malformedUTF8IsRefusedOrRepairedAndCounted() throws {
        let text: [UInt8] = [0x61, 0xC3, 0x28, 0xEF, 0xBF, 0xBD, 0xF0, 0x9F, 0x98, 0xEF, 0xBF, 0xBD, 0xFF]
        let quoted = [0x22] + text + [0x22]
        var json = JSONScanner(quoted, rules: JSONRules(repairsText: true))
        #expect(try json.string() == "a\u{fffd}(\u{fffd}\u{fffd}\u{fffd}\u{fffd}")
        #expect(json.replacements == 3)
        var strict = JSONScanner(quoted)
        #expect(throws: JSONError.self) { try strict.string() }
        var skipping = JSONScanner(quoted)
        #expect(throws: JSONError.self) { try skipping.skip() }
    }
}
