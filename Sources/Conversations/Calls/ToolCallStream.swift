/// Divides an answer, as it is generated, into its text and the calls that it makes.
package struct ToolCallStream: Sendable {
    private let format: ToolCallFormat
    private var bytes: [UInt8] = []
    /// The bytes of the text that were given out.
    private var given = 0
    /// Whether calls have begun, or what may be one where an answer is text or a call as a whole.
    private var isCalling = false
    /// The calls that are complete.
    package private(set) var calls: [ToolCall] = []

    /// A stream of an answer in a format.
    package init(_ format: ToolCallFormat) { self.format = format }

    /// Takes in text, and gives the text that is certain to be none of a call.
    package mutating func append(_ text: String) -> String {
        bytes += text.utf8
        if isCalling {
            if text.utf8.contains(where: { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: ">") }) {
                calls = format.reading(of: String(decoding: bytes, as: UTF8.self)).calls
            }
            return ""
        }
        if let begin = beginOfCalls {
            isCalling = true
            return give(upTo: begin) + append("")
        }
        return give(upTo: bytes.count - held)
    }

    /// Ends the answer.
    ///
    /// - Returns: The text that is left, and what is wrong with a call, whose text is then part of it. Calls before that one
    ///   are still calls.
    package mutating func finish() -> (text: String, problem: ToolCallError?) {
        let reading = format.reading(of: String(decoding: bytes, as: UTF8.self))
        calls = reading.calls
        guard reading.calls.isEmpty || reading.problem != nil else { return ("", nil) }
        if !reading.calls.isEmpty { given = max(given, reading.end) }
        defer { given = bytes.count }
        return (String(decoding: bytes[given...], as: UTF8.self), reading.problem)
    }

    /// The text that was not given out yet, without the white space before the end.
    private mutating func give(upTo end: Int) -> String {
        var end = end
        while end > given, bytes[end - 1].isWhiteSpace { end -= 1 }
        guard end > given else { return "" }
        defer { given = end }
        return String(decoding: bytes[given..<end], as: UTF8.self)
    }

    /// The place where calls may begin.
    private var beginOfCalls: Int? {
        guard format == .llama3 else {
            return format.beginOfCalls(Array(bytes[given...])).map { given + $0 }
        }
        guard given == 0 else { return nil }
        let begin = bytes.firstIndex { !$0.isWhiteSpace } ?? bytes.count
        let rest = bytes[begin...]
        return rest.first == UInt8(ascii: "{") || rest.starts(with: format.opening.utf8) ? begin : nil
    }

    /// The number of bytes at the end with which calls could be beginning.
    private var held: Int {
        let opening = Array(format.opening.utf8)
        if format == .llama3 {
            return given == 0 && opening.starts(with: bytes.drop(while: \.isWhiteSpace)) ? bytes.count : 0
        }
        let longest = min(bytes.count - given, opening.count - 1)
        return (0...longest).last { opening.starts(with: bytes.suffix($0)) } ?? 0
    }
}
