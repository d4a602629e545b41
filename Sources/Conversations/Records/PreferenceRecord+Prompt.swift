/// Finding the prompt of pairs that do not name it.
extension PreferenceRecord {
    /// Takes what both answers start with as the prompt.
    ///
    /// Messages are shared whole. Transcripts (`\n\nHuman: … \n\nAssistant: …`) are read as messages first.
    /// Other text is cut after the last blank or line break of the shared start, so that no word is split.
    mutating func extractPrompt() {
        if case .text(let a) = chosen, case .text(let b) = rejected, let chosenTurns = Transcript.messages(a),
            let rejectedTurns = Transcript.messages(b)
        {
            chosen = .messages(chosenTurns)
            rejected = .messages(rejectedTurns)
        }
        switch (chosen, rejected) {
        case (.messages(let a), .messages(let b)):
            let shared = zip(a, b).prefix { $0 == $1 }.count
            prompt = .messages(Array(a[..<shared]))
            chosen = .messages(Array(a[shared...]))
            rejected = .messages(Array(b[shared...]))
        case (.text(let a), .text(let b)):
            let shared = zip(a.unicodeScalars, b.unicodeScalars).prefix { $0 == $1 }.map(\.0)
            let cut = shared.lastIndex { $0.properties.isWhitespace }.map { $0 + 1 } ?? 0
            prompt = .text(String(String.UnicodeScalarView(shared[..<cut])))
            chosen = .text(String(a.unicodeScalars.dropFirst(cut)))
            rejected = .text(String(b.unicodeScalars.dropFirst(cut)))
        default: break
        }
    }

    /// Drops the prompt from answers that repeat it, and turns a prompt of text into a turn where the answers
    /// are whole conversations.
    mutating func dropRepeatedPrompt() {
        if case .text(let text) = prompt, case .messages(let a) = chosen, case .messages = rejected {
            prompt = .messages([.user(text)])
            if a.first?.role == .system, let system = a.first { prompt = .messages([system, .user(text)]) }
        }
        guard case .messages(let turns) = prompt, case .messages(let a) = chosen,
            case .messages(let b) = rejected, a.starts(with: turns), b.starts(with: turns)
        else { return }
        chosen = .messages(Array(a[turns.count...]))
        rejected = .messages(Array(b[turns.count...]))
    }
}

/// Conversations written down as text, as hh-rlhf does.
enum Transcript {
    private static let speakers: [(mark: String, role: Message.Role)] = [
        ("\n\nHuman:", .user), ("\n\nAssistant:", .assistant),
    ]

    /// The turns of a transcript, nil of text that does not start like one.
    ///
    /// Blanks around what is said are dropped.
    static func messages(_ text: String) -> [Message]? {
        let bytes = Array(text.utf8)
        let marks = speakers.map { (bytes: Array($0.mark.utf8), role: $0.role) }
        guard marks.contains(where: { bytes.starts(with: $0.bytes) }) else { return nil }
        var messages: [Message] = []
        var said: [UInt8] = []
        var index = 0
        func finish() {
            guard let last = messages.indices.last else { return }
            messages[last].content = String(decoding: said, as: UTF8.self).trimmingBlanks()
            said = []
        }
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n"),
                let mark = marks.first(where: { bytes[index...].starts(with: $0.bytes) })
            {
                finish()
                messages.append(Message(mark.role, ""))
                index += mark.bytes.count
            } else {
                said.append(bytes[index])
                index += 1
            }
        }
        finish()
        return messages
    }
}

extension String {
    /// This text without white space at its ends.
    package func trimmingBlanks() -> String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
