import Foundation
import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func keysKeepTheirOrder() throws {
        let text = #"{"z": 1, "a": [true, null, -2.5], "é": "\u00e9\n\ud83d\ude00", "m": {}}"#
        let value = try JSONValue(parsing: text)
        #expect(value.object?.keys == ["z", "a", "é", "m"])
        #expect(value.text() == "{\"z\": 1, \"a\": [true, null, -2.5], \"é\": \"é\\n😀\", \"m\": {}}")
        #expect(value.text(.compact) == "{\"z\":1,\"a\":[true,null,-2.5],\"é\":\"é\\n😀\",\"m\":{}}")
    }

    @Test func aRepeatedKeyKeepsItsLastValue() throws {
        #expect(try JSONValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#) == ["b": 2, "a": 3])
    }

    @Test func manyKeysAreFoundAndRemoved() {
        var object = JSONObject((0..<100).map { ("k\($0)", JSONValue.integer($0)) })
        object["k50"] = nil
        #expect(object.count == 99 && object["k50"] == nil && object["k51"] == 51 && object["k99"] == 99)
        for index in 0..<95 { object["k\(index)"] = nil }
        #expect(object.keys == ["k95", "k96", "k97", "k98", "k99"] && object["k97"] == 97)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\" 1}", "{'a': 1}", "01", "1.", "-", "1e", "tru", "\"\u{1}\"", "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "1 2", "[1 2]", "{\"a\":1,}", "\"open", "\"\\u12\"", "NaN", "1e999",
    ])
    func whatIsNoJSONIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func everyTruncationIsRefused() {
        let bytes = Array(#"{"a": [1, {"b": "c\u00e9"}], "d": null}"#.utf8)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<length])) }
        }
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func codableGivesTheSameDocument() throws {
        let value: JSONValue = ["a": [1, 2.5, nil, true, "x"], "b": ["c": [:]]]
        let data = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
    }

    @Test func nonASCIIAndControlCharactersAreEscapedOnRequest() {
        let value: JSONValue = "a\u{7F}é😀\u{1}\"\\/"
        #expect(value.text(JSONStyle(escapesNonASCII: true)) == #""a\u007f\u00e9\ud83d\ude00\u0001\"\\/""#)
    }
}
