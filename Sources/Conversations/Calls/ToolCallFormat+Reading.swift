extension ToolCallFormat {
    /// The assistant's turn that an answer is: its text, and the calls that it makes.
    ///
    /// - Parameter answer: The text as it was generated, with the marks of calls.
    /// - Throws: ``ToolCallError`` where a call begins that is not written as it should be.
    public func turn(from answer: String) throws(ToolCallError) -> Message {
        let reading = reading(of: answer)
        if let problem = reading.problem { throw problem }
        return .assistant(reading.text, toolCalls: reading.calls)
    }

    /// An answer as far as it can be read.
    struct Reading {
        var text: String
        var calls: [ToolCall] = []
        /// The place behind the last call, in bytes.
        var end = 0
        /// The first problem with a call, after which nothing is read.
        var problem: ToolCallError?
    }

    func reading(of answer: String) -> Reading {
        let bytes = Array(answer.utf8)
        guard let begin = beginOfCalls(bytes) else { return Reading(text: answer) }
        var reader = ToolCallReader(bytes, at: begin)
        var reading = Reading(text: text(bytes, before: begin))
        do throws(ToolCallError) { try read(&reader) } catch { reading.problem = error }
        (reading.calls, reading.end) = (reader.calls, reader.end)
        return reading
    }

    /// The text before calls, without the white space that divides them.
    private func text(_ bytes: [UInt8], before begin: Int) -> String {
        var end = begin
        while end > 0, bytes[end - 1].isWhiteSpace { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// The place where calls begin; nil where there are none.
    func beginOfCalls(_ bytes: [UInt8]) -> Int? {
        let opening = Array(opening.utf8)
        guard self == .llama3 else {
            guard bytes.count >= opening.count else { return nil }
            return (0...bytes.count - opening.count).first { bytes[$0...].starts(with: opening) }
        }
        guard let begin = bytes.firstIndex(where: { !$0.isWhiteSpace }) else { return nil }
        if bytes[begin...].starts(with: opening) { return begin }
        // An answer may be JSON without being a call.
        guard bytes[begin] == UInt8(ascii: "{") else { return nil }
        var reader = ToolCallReader(bytes, at: begin)
        if let object = try? reader.object() {
            return object["name"]?.string != nil && (object["parameters"] ?? object["arguments"]) != nil
                ? begin : nil
        }
        return bytes[begin...].dropFirst().drop(while: \.isWhiteSpace).starts(with: "\"name\"".utf8)
            ? begin : nil
    }

    private func read(_ reader: inout ToolCallReader) throws(ToolCallError) {
        switch self {
        case .hermes:
            while !reader.isAtEnd {
                try reader.skip("<tool_call>")
                let call = try reader.call(arguments: "arguments")
                try reader.skip("</tool_call>")
                reader.take(call)
            }
        case .llama3:
            _ = reader.skipped("<|python_tag|>")
            repeat {
                reader.take(try reader.call(arguments: "parameters", "arguments"))
            } while reader.skipped(";") || !reader.isAtEnd
        case .mistral, .mistralArguments:
            while !reader.isAtEnd {
                try reader.skip("[TOOL_CALLS]")
                if reader.skipped("[") {
                    repeat {
                        reader.take(try reader.call(arguments: "arguments", "parameters"))
                    } while reader.skipped(",")
                    try reader.skip("]")
                } else {
                    try reader.namedCall()
                }
            }
        }
    }
}

extension UInt8 {
    /// Whether it is white space of JSON.
    var isWhiteSpace: Bool { self == 0x20 || (0x9...0xD).contains(self) }
}

/// Reads calls one after another.
private struct ToolCallReader {
    private let bytes: [UInt8]
    private var offset: Int
    private(set) var calls: [ToolCall] = []
    /// The place behind the last call.
    private(set) var end = 0

    init(_ bytes: [UInt8], at offset: Int) { (self.bytes, self.offset) = (bytes, offset) }

    /// Whether nothing but white space is left.
    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return offset == bytes.count
        }
    }

    mutating func take(_ call: ToolCall) {
        calls.append(call)
        end = offset
    }

    private mutating func skipSpace() {
        while offset < bytes.count, bytes[offset].isWhiteSpace { offset += 1 }
    }

    private func problem(_ expected: String, at place: Int? = nil, found: String? = nil) -> ToolCallError {
        let place = place ?? offset
        let next = String(decoding: bytes[place...].prefix(24), as: UTF8.self)
        let there = next.isEmpty ? "its end" : JSONValue.string(next).text(.compact)
        return ToolCallError(
            call: calls.count + 1, offset: place, found: found ?? there, expected: expected)
    }

    /// Steps over a word and the space before it, where it is there.
    mutating func skipped(_ word: String) -> Bool {
        skipSpace()
        guard bytes[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }

    mutating func skip(_ word: String) throws(ToolCallError) {
        guard skipped(word) else { throw problem(word) }
    }

    /// An object of JSON.
    mutating func object() throws(ToolCallError) -> JSONObject {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "{") else {
            throw problem("an object of JSON")
        }
        let begin = offset
        guard let end = endOfObject() else {
            throw problem("the end of the object that begins at byte \(begin)", at: bytes.count)
        }
        do throws(JSONError) {
            let value = try JSONValue(parsing: Array(bytes[begin..<end]))
            offset = end
            return value.object ?? [:]
        } catch {
            throw problem(error.expected, at: begin + error.offset, found: error.found)
        }
    }

    /// The place behind the bracket that closes the object that begins here.
    private func endOfObject() -> Int? {
        var (depth, isString, isEscaped) = (0, false, false)
        for place in offset..<bytes.count {
            switch bytes[place] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isString: isEscaped = true
            case UInt8(ascii: "\""): isString.toggle()
            case _ where isString: break
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return place + 1 }
            default: break
            }
        }
        return nil
    }

    /// A call as an object with the tool's name and, under one of some keys, its arguments.
    mutating func call(arguments keys: String...) throws(ToolCallError) -> ToolCall {
        skipSpace()
        let begin = offset
        let object = try object()
        guard let name = object["name"]?.string, !name.isEmpty else {
            throw problem(
                "the name of a tool", at: begin,
                found: object["name"].map(\.shown) ?? "an object without name")
        }
        let key = keys.first { object[$0] != nil } ?? keys[0]
        var arguments = object[key] ?? .null
        if let text = arguments.string, let read = try? JSONValue(parsing: text) { arguments = read }
        guard arguments.object != nil else {
            throw problem(
                "an object", at: begin, found: object[key].map { "\(key) that are \($0.kind)" } ?? "no \(key)"
            )
        }
        return ToolCall(id: object["id"]?.string, name: name, arguments: arguments)
    }

    /// A call as the tool's name, perhaps its id, and its arguments.
    mutating func namedCall() throws(ToolCallError) {
        skipSpace()
        let (mark, id) = (Array("[ARGS]".utf8), Array("[CALL_ID]".utf8))
        func word(until marks: [[UInt8]]) -> String? {
            let end = (offset..<bytes.count).first { place in
                marks.contains { bytes[place...].starts(with: $0) }
            }
            return end.map { String(decoding: bytes[offset..<$0], as: UTF8.self) }
        }
        guard let name = word(until: [mark, id]), !name.isEmpty else {
            throw problem("a name and [ARGS]")
        }
        offset += name.utf8.count
        var number: String?
        if skipped("[CALL_ID]") {
            number = word(until: [mark])
            offset += number?.utf8.count ?? 0
        }
        try skip("[ARGS]")
        let arguments = try object()
        take(ToolCall(id: number, name: name, arguments: .object(arguments)))
    }
}
