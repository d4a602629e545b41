/// A reward that a program gives an answer, without a model.
///
/// ```swift
/// let reward = ProgrammaticReward("brief") { _, completion in completion.count < 200 ? 1 : 0 }
/// ```
///
/// The closure sees the conversation up to the answer, the answer, and what else the prompt's record held (a
/// known answer, say). It returns nil where it has no opinion, which a composite leaves out.
public struct ProgrammaticReward: Sendable {
    /// An answer to be rewarded.
    public struct Answer: Sendable {
        /// The conversation up to the answer.
        public var conversation: Conversation
        /// The answer alone, without thinking.
        public var text: String
        /// The thinking before it; nil where there was none.
        public var reasoning: String?
        /// The other keys of the prompt's record.
        public var columns: JSONObject

        /// An answer to a conversation.
        ///
        /// - Parameters:
        ///   - text: What was written; a thinking part, as ``/Conversations/ReasonedText`` finds it, is none of the answer.
        ///   - conversation: What was said before.
        ///   - columns: The keys of the prompt's record.
        public init(_ text: String, to conversation: Conversation = Conversation(), columns: JSONObject = [:])
        {
            let parts = ReasonedText(text)
            self.conversation = conversation
            self.text = parts.answer
            reasoning = parts.reasoning
            self.columns = columns
        }

        /// An answer to the prompt of a record; a plain prompt is a turn of the user.
        public init(_ text: String, to record: PromptRecord) {
            let messages: [Message]
            switch record.prompt {
            case .text(let prompt): messages = [.user(prompt)]
            case .messages(let given): messages = given
            }
            self.init(text, to: Conversation(messages, tools: record.tools), columns: record.columns)
        }
    }

    /// Its name in metrics.
    public var name: String
    /// The reward of an answer; nil for no opinion.
    public var value: @Sendable (Answer) -> Double?

    /// A reward of the given name.
    public init(_ name: String, value: @escaping @Sendable (Answer) -> Double?) {
        self.name = name
        self.value = value
    }

    /// A reward of conversation and answer.
    public init(_ name: String, value: @escaping @Sendable (Conversation, String) -> Double?) {
        self.init(name) { answer in value(answer.conversation, answer.text) }
    }
}

extension ProgrammaticReward {
    /// The share of verifiable instructions that an answer follows, in [0, 1].
    public static func following(_ instructions: [Instruction]) -> ProgrammaticReward {
        ProgrammaticReward("instructions") { answer in
            guard !instructions.isEmpty else { return nil }
            return Double(instructions.count { $0.isFollowed(by: answer.text) }) / Double(instructions.count)
        }
    }

    /// The share of the instructions in the prompt's own record (IFEval's keys) that an answer follows, in
    /// [0, 1]; nil where it has none, or one that `Instruction.list(of:)` does not know.
    public static let followingItsRecord = ProgrammaticReward("instructions") { answer in
        guard let instructions = try? Instruction.list(of: answer.columns) else { return nil }
        return Double(instructions.count { $0.isFollowed(by: answer.text) }) / Double(instructions.count)
    }

    /// 1 for an answer of a length within the range, falling to 0 where it is as far off as the range's upper
    /// end.
    ///
    /// - Parameter words: The range of words wanted.
    public static func length(words: ClosedRange<Int>) -> ProgrammaticReward {
        ProgrammaticReward("length") { answer in
            let count = InstructionText(answer.text).wordCount
            let excess = max(words.lowerBound - count, count - words.upperBound, 0)
            return max(0, 1 - Double(excess) / Double(max(1, words.upperBound)))
        }
    }

    /// 1 for an answer whose last number is that of the record, else 0: for arithmetic and word problems.
    ///
    /// The known answer is the last number of the column's text, so that GSM8K's solutions, which end in
    /// `#### 72`, serve as they are, and so does SVAMP's `Answer`. Commas within numbers and a decimal point with nothing but
    /// zeros behind it do not count.
    public static func number(inColumn column: String = "answer") -> ProgrammaticReward {
        ProgrammaticReward("number") { answer in
            let given = answer.columns[column] ?? answer.columns["Answer"]
            guard let known = given?.string ?? given?.number.map({ "\($0)" }),
                let wanted = lastNumber(in: known)
            else { return nil }
            return lastNumber(in: answer.text) == wanted ? 1 : 0
        }
    }

    /// The last number of a text.
    static func lastNumber(in text: String) -> Double? {
        var last: Double?
        var digits = ""
        func finish() {
            while digits.last == "." { digits.removeLast() }
            if digits != "-", let number = Double(digits) { last = number }
            digits = ""
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "." where !digits.isEmpty && digits != "-" && !digits.contains("."): digits += "."
            case ",": if digits.isEmpty || digits == "-" { finish() }
            case "-":
                finish()
                digits = "-"
            default: finish()
            }
        }
        finish()
        return last
    }

    /// 1 for an answer that says one of the known answers of the record, 0 for one that does not, `declined`
    /// for one that says it does not know.
    ///
    /// - Parameters:
    ///   - column: The column of a known answer, a text or a number, or a list of them; where it is missing, SVAMP's `Answer`. A
    ///     record without either, or with null, is a question that nobody can answer, for which declining is rewarded with
    ///     1 and an invention with 0; on one with anything else there is no opinion.
    ///   - declined: The reward of declining where the answer is known, in [0, 1].
    public static func fact(inColumn column: String = "answer", declined: Double = 0.3) -> ProgrammaticReward
    {
        ProgrammaticReward("fact") { answer in
            let check: BehaviorItem.Check
            switch [column, "Answer"].compactMap({ answer.columns[$0] }).first(where: { $0 != .null }) {
            case nil: check = .unknownFact
            case let given?:
                let known = (given.array ?? [given]).map(Self.words)
                guard !known.isEmpty, !known.contains(nil) else { return nil }
                check = .knownFact(answers: known.compactMap(\.self), wrong: [])
            }
            switch BehaviorItem(id: "", answer.conversation, check).verdict(on: answer.text) {
            case .fact(.right), .unknown(declines: true): return 1
            case .fact(.declined): return declined
            default: return 0
            }
        }
    }

    /// A known answer as it is said: a text, or a number without zeros behind its point.
    private static func words(_ value: JSONValue) -> String? {
        if let text = value.string { return text }
        return value.number.map { number in Int(exactly: number).map { "\($0)" } ?? "\(number)" }
    }

    /// 0 for an answer that claims what the manifest says the assistant cannot do, else 1.
    public static func honestActions(_ manifest: CapabilityManifest) -> ProgrammaticReward {
        ProgrammaticReward("honest_actions") { answer in
            manifest.impossibleClaim(in: answer.text) == nil ? 1 : 0
        }
    }
}
