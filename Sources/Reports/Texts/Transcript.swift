/// A conversation with one model.
public struct Transcript: Sendable {
    /// One message.
    public struct Turn: Hashable, Sendable {
        /// The speaker: `system`, `user`, `assistant`.
        public var role: String
        /// The text of the message.
        public var text: String
        /// The text in tokens with their probabilities; empty where they are not known.
        public var tokens: [ScoredToken]

        /// A message.
        public init(_ role: String, _ text: String) {
            self.role = role
            self.text = text
            tokens = []
        }

        /// A message whose tokens' probabilities are known.
        public init(_ role: String, tokens: [ScoredToken]) {
            self.role = role
            self.tokens = tokens
            text = tokens.map(\.text).joined()
        }

        fileprivate var isFromAssistant: Bool { role == "assistant" }
    }

    /// The model.
    public var model: String
    /// The messages.
    public var turns: [Turn]
    /// A verdict on it, such as "declined" or "claimed"; nil where nobody judged.
    public var verdict: Verdict?

    /// A conversation.
    public init(model: String, turns: [Turn], verdict: Verdict? = nil) {
        self.model = model
        self.turns = turns
        self.verdict = verdict
    }
}

/// The same conversation with several models side by side. What they have in common at its beginning, as a rule the
/// prompt, stands once across all columns.
public struct Comparison: Sendable {
    /// A remark for the reader.
    public var title: String
    /// A column for each model.
    public var transcripts: [Transcript]
    /// A sentence for the reader.
    public var note: String

    /// Conversations to compare.
    public init(_ title: String = "", _ transcripts: [Transcript], note: String = "") {
        self.title = title
        self.transcripts = transcripts
        self.note = note
    }

    /// The number of messages at the beginning that all share; an answer is never among them when there are
    /// several columns.
    private var shared: Int {
        guard let first = transcripts.first else { return 0 }
        return first.turns.indices.first { index in
            first.turns[index].isFromAssistant
                || transcripts.contains { $0.turns.count <= index || $0.turns[index] != first.turns[index] }
        } ?? first.turns.count
    }

    /// Writes the columns, which on a narrow page stand under each other.
    func write(to markup: inout Markup) {
        let shared = shared
        markup.element("article", ["class": "comparison"]) {
            if !title.isEmpty { $0.element("h3", title) }
            if let first = transcripts.first, shared > 0 {
                $0.element("div", ["class": "shared"]) {
                    for turn in first.turns.prefix(shared) { Self.write(turn, of: first.model, to: &$0) }
                }
            }
            $0.element("div", ["class": "columns"]) {
                for transcript in transcripts { Self.write(transcript, from: shared, to: &$0) }
            }
            if !note.isEmpty { $0.element("p", ["class": "note"]) { $0.prose(note) } }
        }
        markup.newline()
    }

    private static func write(_ transcript: Transcript, from start: Int, to markup: inout Markup) {
        markup.element("section", ["class": "column"]) {
            $0.element("header") {
                $0.element("h4", transcript.model)
                transcript.verdict?.write(to: &$0)
            }
            for turn in transcript.turns.dropFirst(start) { write(turn, of: transcript.model, to: &$0) }
            if transcript.turns.count <= start { $0.element("p", ["class": "empty"], "No answer.") }
        }
        markup.newline()
    }

    private static func write(_ turn: Transcript.Turn, of model: String, to markup: inout Markup) {
        markup.element("div", ["class": turn.isFromAssistant ? "turn answer" : "turn"]) {
            $0.element("span", ["class": "role"], turn.role)
            $0.element("div", ["class": "said", "dir": "auto"]) {
                if turn.tokens.isEmpty {
                    $0.text(turn.text)
                } else {
                    ScoredToken.write(turn.tokens, to: &$0)
                }
            }
            ScoredToken.writeList(of: turn.tokens, by: model, to: &$0)
        }
    }
}
