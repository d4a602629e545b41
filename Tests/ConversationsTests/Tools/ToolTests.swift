import Conversations
import Foundation
import Testing

@Suite struct ToolTests {
    enum Unit: String, Decodable, CaseIterable { case celsius, fahrenheit }

    struct Place: Decodable {
        struct Point: Decodable { var latitude: Double, longitude: Double }
        var city: String
        var unit: Unit?
        var days: [Int]
        var point: Point?
        var notes: [String: Bool]
        var byte: UInt8
        var anything: JSONValue
    }

    @Test func theSchemaIsThatOfTheType() throws {
        let tool = try Tool("weather", "Of a place.", describing: ["city": "Its name."]) { (place: Place) in
            place.city
        }
        let expected = try JSONValue(
            parsing: #"""
                {"type": "object", "properties": {"city": {"type": "string", "description": "Its name."},
                "unit": {"enum": ["celsius", "fahrenheit"]}, "days": {"type": "array", "items": {"type": "integer"}},
                "point": {"type": "object", "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}},
                "required": ["latitude", "longitude"], "additionalProperties": false},
                "notes": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "byte": {"type": "integer", "minimum": 0, "maximum": 255}, "anything": {}},
                "required": ["city", "days", "notes", "byte", "anything"], "additionalProperties": false}
                """#)
        #expect(tool.parameters == expected)
        #expect(tool.json["function"]?["description"] == "Of a place.")
    }

    final class Tree: Decodable, Sendable { let children: [Tree] }
    struct Own: Decodable {
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            _ = try list.decode(Int.self)
        }
    }

    @Test func aTypeWithoutASchemaIsNamed() throws {
        func message<Arguments: Decodable & SendableMetatype>(
            _ type: Arguments.Type, _ described: [String: String] = [:]
        )
            -> String
        {
            do throws(ToolSchemaError) {
                _ = try Tool("t", "", describing: described) { (_: Arguments) in "" }
                return "a tool"
            } catch {
                return "\(error)"
            }
        }
        #expect(
            message(String.self)
                == "String is not an object with keys; a schema can be declared with parameters")
        #expect(message(Tree.self).hasPrefix("Tree.children contains itself"))
        #expect(message(Own.self).hasPrefix("Own reads a list in a way of its own"))
        #expect(
            message(Place.self, ["town": "?"]).hasPrefix("Place.town is described, and there is no such key"))
    }

    @Test func argumentsAreTheType() async throws {
        struct Sum: Decodable { var terms: [Int]; var unit: Unit? }
        struct Total: Encodable { var total: Int; var unit: String }
        let add = try Tool("add", "") { (sum: Sum) in
            Total(total: sum.terms.reduce(0, +), unit: sum.unit?.rawValue ?? "none")
        }
        #expect(try await add(["terms": [1, 2], "unit": "celsius"]) == #"{"total":3,"unit":"celsius"}"#)
        await #expect(throws: JSONMismatch.self) { try await add(["terms": "1"]) }
    }

    /// Limits that no busy machine meets.
    private static let hours = ToolLimits(time: .seconds(7_200), timePerCall: .seconds(7_200))

    private func run(_ tools: [Tool], _ calls: [ToolCall], _ limits: ToolLimits = hours) async -> [Message] {
        await tools.results(of: calls, limits, until: .now + limits.time)
    }

    @Test func resultsStandInTheOrderOfTheCallsThoughTheyRunTogether() async throws {
        let meeting = Meeting()
        let tool = Tool("f", "", parameters: ["type": "object"]) { arguments in
            // The first ends last: it waits for the second.
            if arguments["n"] == 1 { await meeting.wait() } else { await meeting.arrive() }
            return "\(arguments["n"]?.integer ?? 0)"
        }
        let results = await run(
            [tool], [1, 2].map { ToolCall(id: "id\($0)", name: "f", arguments: ["n": .integer($0)]) })
        #expect(results.map(\.content) == ["1", "2"])
        #expect(results.map(\.toolCallID) == ["id1", "id2"])
        #expect(results.allSatisfy { $0.role == .tool && $0.name == "f" })
    }

    private actor Meeting {
        private var hasArrived = false
        private var waiting: CheckedContinuation<Void, Never>?
        func arrive() {
            hasArrived = true
            waiting?.resume()
            waiting = nil
        }
        func wait() async {
            if !hasArrived { await withCheckedContinuation { waiting = $0 } }
        }
    }

    struct Broken: Error, CustomStringConvertible { var description: String { "the wire is cut" } }

    @Test func whatFailsIsAResult() async throws {
        let tools = [
            Tool("broken", "", parameters: ["type": "object"]) { _ in throw Broken() },
            Tool("long", "", parameters: ["type": "object"]) { _ in String(repeating: "x", count: 100) },
        ]
        var limits = Self.hours
        limits.resultBytes = 60
        let calls = ["broken", "long", "none"].map { ToolCall(name: $0, arguments: [:]) }
        let texts = await run(tools, calls, limits).map(\.content)
        #expect(texts[0] == #"{"error": "the wire is cut"}"#)
        #expect(texts[1] == String(repeating: "x", count: 60) + "\n… cut after 60 of 100 bytes")
        #expect(texts[2].contains("there is no tool none; there is broken, long"))
    }

    @Test func whatTakesTooLongHasFailed() async throws {
        let slow = Tool("slow", "", parameters: ["type": "object"]) { _ in
            // Until it is canceled.
            try await Task.sleep(for: .seconds(7_200))
            return "late"
        }
        var limits = Self.hours
        limits.timePerCall = .milliseconds(30)
        let texts = await run([slow], [ToolCall(name: "slow", arguments: [:])], limits).map(\.content)
        #expect(texts == [#"{"error": "slow did not end in time"}"#])
    }
}
