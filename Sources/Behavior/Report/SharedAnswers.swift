package import JSON
package import NeuralCore

/// Answers that are found on different ranks and go to the others as JSON.
extension WorkSharing {
    /// What `body` finds for each number below `count`, in order. Each is found on one rank, and known to all.
    ///
    /// - Parameters:
    ///   - json: What stands for a finding; numbers that are not finite may be among it.
    ///   - read: The finding that such a value stands for.
    package func shared<Found, E: Error>(
        _ count: Int, as json: (Found) -> JSONValue, reading read: (JSONValue) -> Found?,
        _ body: (_ number: Int) async throws(E) -> Found
    ) async throws(E) -> [Found] {
        var own: [Found] = []
        for number in self.own(of: count) { own.append(try await body(number)) }
        guard isShared else { return own }
        let text = JSONValue.array(own.map(json)).text(.compact)
        let all = communicator.gathered(Array(text.utf8)).flatMap { bytes in
            ((try? JSONValue(parsing: bytes, allowingNonFinite: true))?.array ?? []).compactMap(read)
        }
        guard all.count == count else {
            misuse("\(count) answers of all ranks, of which \(all.count) are known")
        }
        return all
    }
}

/// An answer, to go from one process to another.
extension Response {
    fileprivate var json: JSONValue {
        let calls = calls.map { call -> JSONValue in
            [
                "id": call.id.map(JSONValue.string) ?? .null, "name": .string(call.name),
                "arguments": call.arguments,
            ]
        }
        return [
            "text": .string(text), "probability": probability.map(JSONValue.number) ?? .null,
            "calls": .array(calls),
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let text = json["text"]?.string, let calls = json["calls"]?.array else { return nil }
        self.init(
            text, probability: json["probability"]?.number,
            calls: calls.compactMap { call in
                guard let name = call["name"]?.string, let arguments = call["arguments"] else { return nil }
                return ToolCall(id: call["id"]?.string, name: name, arguments: arguments)
            })
    }
}

extension WorkSharing {
    /// The answer to each number below `count`, in order.
    func responses(
        _ count: Int, _ body: (_ number: Int) async throws -> Response
    ) async throws -> [Response] {
        try await shared(count, as: \.json, reading: { Response(json: $0) }, body)
    }

    /// The number that is found for each number below `count`, in order.
    func numbers(_ count: Int, _ body: (_ number: Int) async throws -> Double) async throws -> [Double] {
        try await shared(count, as: { .number($0) }, reading: \.number, body)
    }
}
