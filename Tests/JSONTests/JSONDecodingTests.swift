import JSON
import Testing

/// Types of all shapes that Swift's `Decodable` asks for.
private struct Record: Decodable, Equatable {
    enum Kind: String, Decodable, CaseIterable { case web, code }
    enum Choice: Decodable, Equatable { case all, first(Int) }
    struct Place: Decodable, Equatable { var line: Int?, words: [String]? }

    var kind: Kind
    var choices: [Choice]
    var counts: [String: UInt8]
    var shares: [Float]
    var seed: Int64
    var places: [[Place]]
    var rest: JSONValue
}

@Suite struct JSONDecodingTests {
    private static let text = #"""
        {"kind": "code", "choices": [{"all": {}}, {"first": {"_0": 3}}], "counts": {"a": 255}, "shares": [0.1, 1e-6, 2],
         "seed": -9223372036854775808, "places": [[{"line": 1, "words": null}, {}], []], "rest": {"z": 1, "a": [null]}}
        """#

    @Test func everyShapeIsDecoded() throws {
        let record = try JSONValue(parsing: Self.text).decoded(as: Record.self)
        #expect(
            record
                == Record(
                    kind: .code, choices: [.all, .first(3)], counts: ["a": 255], shares: [0.1, 1e-6, 2],
                    seed: .min, places: [[.init(line: 1), .init()], []],
                    rest: ["z": 1, "a": [nil]]))
        #expect(record.rest.object?.keys == ["z", "a"])
    }

    /// Each fault with the place, what is found and what is expected.
    @Test(arguments: [
        (#""code""#, #""prose""#, #""kind": found "prose", expected one of web, code"#),
        ("255", "256", #""counts.a": found 256, expected an integer from 0 to 255"#),
        ("1e-6", "1e39", #""shares[1]": found 1e+39, expected a number"#),
        (#""words": null"#, #""words": ["x", 7]"#, #""places[0][0].words[1]": found 7, expected a string"#),
        ("[[{", "[7, [{", #""places[0]": found 7, expected a list"#),
        (#""seed""#, #""sed""#, #""seed": found nothing, expected an integer"#),
        ("-9223372036854775808", "1.5", #""seed": found 1.5, expected an integer"#),
    ])
    func mismatchesNameKeyFoundAndExpected(part: String, fault: String, message: String) throws {
        let value = try JSONValue(parsing: Self.text.replacing(part, with: fault))
        let error = #expect(throws: JSONMismatch.self) { try value.decoded(as: Record.self) }
        #expect(error?.description == message)
    }

    @Test func aDocumentOfAnotherKindIsNamedAsAWhole() {
        let error = #expect(throws: JSONMismatch.self) { try JSONValue.integer(7).decoded(as: Record.self) }
        #expect(error?.description == "found 7, expected an object")
    }

    @Test func aKeyThatNoTypeAsksForIsNamed() throws {
        struct Place: Decodable {
            var name: String
            var size: Int?
            var others: [Place]?
            var rest: JSONValue?
            var sizes: [String: Int]?
        }
        func problem(_ text: String) throws -> String? {
            let json = try JSONValue(parsing: text)
            _ = try json.decoded(as: Place.self)
            do throws(JSONMismatch) {
                _ = try json.decodedWhole(as: Place.self)
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            try problem(#"{"name":"a","size":1,"others":[],"rest":{"x":[{"y":1}]},"sizes":{"b":2}}"#) == nil)
        #expect(try problem(#"{"name":"a","size":null}"#) == nil)
        #expect(
            try problem(#"{"name":"a","Size":1}"#)
                == #""Size": found a key that is not known, expected one of name, others, rest, size, sizes"#)
        #expect(
            try problem(
                #"{"name":"a","others":[{"name":"b"},{"name":"c","others":[{"name":"d","e":null}]}]}"#)
                == #""others[1].others[0].e": found a key that is not known, expected one of name, others, rest, size, sizes"#
        )
    }
}
