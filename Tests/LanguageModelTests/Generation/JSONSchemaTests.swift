import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Which texts a schema allows, found out one by one.
@Suite struct JSONSchemaTests {
    @Test(arguments: [
        (#"{"type":"integer","minimum":-37,"maximum":205}"#, -37, 205, 1),
        (#"{"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":100}"#, 10, 99, 1),
        (#"{"type":"integer","minimum":-5.5,"maximum":12.5,"multipleOf":3}"#, -5, 12, 3),
        (#"{"type":"integer","maximum":-101,"multipleOf":7}"#, Int.min, -101, 7),
        (#"{"type":"integer","minimum":0}"#, 0, Int.max, 1),
        (#"{"type":"integer","minimum":5,"maximum":5}"#, 5, 5, 1),
        (#"{"type":"integer","minimum":-3,"maximum":-3}"#, -3, -3, 1),
    ]) func integersKeepTheirBounds(_ schema: String, _ low: Int, _ high: Int, _ divisor: Int) throws {
        let schema = try JSONSchema(parsing: schema)
        for number in -1_100...1_100 {
            let fits = number >= low && number <= high && number % divisor == 0
            #expect(schema.allows("\(number)") == fits, "\(number)")
            #expect(!schema.allows("0\(number)") && !schema.allows("\(number).5"))
        }
    }

    @Test(arguments: [
        (#"{"type":"number","minimum":-1.25,"maximum":3.5}"#, -1.25, 3.5),
        (#"{"type":"number","exclusiveMinimum":0,"maximum":0.1}"#, Double.leastNonzeroMagnitude, 0.1),
        (#"{"type":"number","minimum":99.95}"#, 99.95, Double.infinity),
        (#"{"type":"number","minimum":0.5,"maximum":0.5}"#, 0.5, 0.5),
        (#"{"exclusiveMinimum":-2,"exclusiveMaximum":-1}"#, (-2.0).nextUp, (-1.0).nextDown),
    ]) func numbersKeepTheirBounds(_ schema: String, _ low: Double, _ high: Double) throws {
        let schema = try JSONSchema(parsing: schema)
        for hundredths in -400...12_000 {
            let size =
                "\(abs(hundredths) / 100).\(abs(hundredths) % 100 < 10 ? "0" : "")\(abs(hundredths) % 100)"
            let text = (hundredths < 0 ? "-" : "") + size
            let value = Double(text)!
            #expect(schema.allows(text) == (value >= low && value <= high), "\(text)")
        }
        #expect(!schema.allows("1.") && !schema.allows("") && !schema.allows("-"))
    }

    @Test func anExclusiveBoundHoldsAfterRounding() throws {
        let schema = try JSONSchema(parsing: #"{"type":"number","exclusiveMinimum":5}"#)
        #expect(!schema.allows("5.0000000000000001"), "which 64 bits round to 5")
        #expect(schema.allows("5.000000000000001"))
    }

    @Test(arguments: [
        (#"^[a-c]{2,3}$"#, ["ab", "abc"], ["a", "abcd", "xab", ""]),
        (#"b+"#, ["b", "abba", "\\nb"], ["", "a", "ac"]),
        (#"^(?:foo|ba[rz]?)$"#, ["foo", "ba", "bar", "baz"], ["fo", "bax", "foobar"]),
        (#"^\\d{4}-\\d\\d$"#, ["2026-11"], ["2026-1", "a2026-11"]),
        (#"^[^a]$"#, ["b", "é", "😀", "\\\"", "\\n"], ["a", "bb"]),
        (#"^$"#, [""], ["a"]),
        (#"^a|b$"#, ["a", "ax", "xb"], ["xa", "bx"]),
        (#"^\\w*\\.$"#, ["a_1.", "."], ["a", "é."]),
    ]) func patternsMatchWhatTheySay(_ pattern: String, _ matching: [String], _ others: [String]) throws {
        let schema = try JSONSchema(parsing: #"{"type":"string","pattern":"\#(pattern)"}"#)
        for text in matching { #expect(schema.allows("\"\(text)\""), "\(text)") }
        for text in others { #expect(!schema.allows("\"\(text)\""), "\(text)") }
    }

    @Test func lengthsCountCharacters() throws {
        let schema = try JSONSchema(parsing: #"{"type":"string","minLength":2,"maxLength":3}"#)
        for text in ["ab", "😀é", "a\\n\\\"", "\\ud83d\\ude00x"] {
            #expect(schema.allows("\"\(text)\""), "\(text)")
        }
        for text in ["a", "abcd", "😀", "\\ud83dxx", "\\ude00xx", "a\nb"] {
            #expect(!schema.allows("\"\(text)\""), "\(text)")
        }
        let both = try JSONSchema(parsing: #"{"type":"string","minLength":2,"maxLength":3,"pattern":"^a*$"}"#)
        #expect(["\"a\"", "\"aa\"", "\"aaa\"", "\"aaaa\""].map(both.allows) == [false, true, true, false])
    }

    static let structures: [(String, [String], [String])] = [
        (
            #"{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"required":["b"],"additionalProperties":false}"#,
            [#"{"a":null,"b":null}"#, #"{"b":null}"#, "{ \"a\": null,\n  \"b\": null }"],
            [#"{"a":null}"#, "{}", #"{"b":null,"c":1}"#, #"{"b":1}"#]
        ),
        (
            #"{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"boolean"}}"#,
            ["{}", #"{"a":null}"#, #"{"a":null,"b":true,"aa":false}"#, #"{"":true}"#],
            [#"{"a":true}"#, #"{"b":null}"#, #"{"b":true,"a":true}"#, #"{"\u0061":true}"#]
        ),
        (
            #"{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}"#,
            ["[true]", "[true, false]"], ["[]", "[true,true,true]", "[1]", "[true,]"]
        ),
        (
            #"{"prefixItems":[{"const":1},{"const":2}],"items":{"type":"null"}}"#,
            ["[]", "[1]", "[1,2]", "[1,2,null,null]"], ["[2]", "[1,null]", "[1,2,3]"]
        ),
        (
            #"{"prefixItems":[{"const":1}],"items":false,"minItems":1}"#, ["[1]"], ["[]", "[1,1]"]
        ),
        (
            #"{"enum":["a","ab",1,null,{"x":[]}]}"#, [#""a""#, #""ab""#, "1", "null", #"{"x":[]}"#],
            [#""b""#, "11"]
        ),
        (#"{"type":["string","null"],"enum":["a",1,null]}"#, [#""a""#, "null"], ["1"]),
        (
            ##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"array","items":{"$ref":"#/$defs/tree"}}}}"##,
            ["[]", "[[],[[]]]"], ["[1]", "[", ""]
        ),
        (
            #"{"allOf":[{"type":"integer","minimum":3},{"maximum":5}]}"#, ["3", "5"], ["2", "6"]
        ),
        (
            #"{"oneOf":[{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]},{"type":"object","properties":{"k":{"const":"b"},"n":{"type":"integer"}},"required":["k"]}]}"#,
            [#"{"k":"a"}"#, #"{"k":"b","n":4}"#], [#"{"k":"a","n":4}"#, #"{"k":"c"}"#]
        ),
        (#"{"anyOf":[{"minLength":2},{"type":"null"}]}"#, ["null", #""ab""#], [#""a""#, "1"]),
        (
            "{}", ["1e5", "-0.5", #"{"a":[1,{"b":null}]}"#, "[ ]", #""\u00e9\t""#],
            ["01", "1e", "{,}", "tru"]
        ),
    ]

    @Test(arguments: structures) func structuresAreWhatTheySay(
        _ schema: String, _ matching: [String], _ others: [String]
    ) throws {
        let schema = try JSONSchema(parsing: schema)
        for text in matching { #expect(schema.allows(text), "\(text)") }
        for text in others { #expect(!schema.allows(text), "\(text)") }
    }

    static let refused: [(String, String)] = [
        (#"{"properties":{"a":{"not":{}}}}"#, "#/properties/a/not is not supported"),
        (#"{"type":"array","uniqueItems":true}"#, "#/uniqueItems is not supported"),
        (#"{"type":"string","format":"date"}"#, "#/format is not supported"),
        (#"{"type":"number","multipleOf":0.01}"#, "#/multipleOf is 0.01; only 1 to 1000 is supported"),
        (#"{"type":"string","pattern":"(?=a)"}"#, "#/pattern has (?, of which only (?: is supported"),
        (#"{"type":"string","pattern":"(a)\\1"}"#, #"#/pattern has \1, which is not supported"#),
        (
            #"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#,
            "#/oneOf has schemas that one value may fit both of; anyOf takes them"
        ),
        (
            ##"{"$ref":"#/$defs/none"}"##,
            "#/$ref is \"#/$defs/none\"; expected a place in the same document that there is, such as #/$defs/name"
        ),
        (##"{"$ref":"#"}"##, "# has a $ref that leads to itself without a value between"),
        (
            #"{"type":"whole"}"#,
            "#/type is \"whole\"; expected one or several of object, array, string, integer, number, boolean, null"
        ),
        (#"{"type":"integer","minimum":5,"maximum":4}"#, "# fits no value that can be generated"),
        (
            ##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##,
            "#/properties/a fits no value that can be generated"
        ),
        (
            #"{"properties":{"a":{"enum":[]}},"required":["a"]}"#,
            "#/properties/a fits no value that can be generated"
        ),
        (#"{"type":"string","minLength":99999999}"#, "#/minLength is too large"),
        (
            #"{"items":{"maxItems":4096,"minItems":4096,"items":{"maxLength":16384,"type":"string","pattern":"a|(bc){1000}"}}}"#,
            "#/items/items/pattern needs more than 2000 states"
        ),
    ]

    @Test(arguments: refused) func whatCannotBeKeptIsRefusedByItsPath(_ schema: String, _ message: String)
        throws
    {
        let error = #expect(throws: JSONSchemaError.self) { try JSONSchema(parsing: schema) }
        #expect(error?.description == message)
    }

    @Test func aDeepSchemaIsRefused() throws {
        let schema = String(repeating: #"{"items":"#, count: 200) + "{}" + String(repeating: "}", count: 200)
        #expect(throws: JSONSchemaError.self) { try JSONSchema(parsing: schema) }
    }

    @Test func aLargeEnumerationIsOneTree() throws {
        let words = (0..<20_000).map { "\"word\($0)\"" }.joined(separator: ",")
        let schema = try JSONSchema(parsing: "{\"enum\":[\(words)]}")
        #expect(schema.allows("\"word19999\"") && !schema.allows("\"word20000\""))
    }
}
