/// Text cut into runs that are trained and runs that are only read.
public struct SupervisedText: Hashable, Sendable {
    /// A piece of the text.
    public struct Run: Hashable, Sendable {
        /// The text.
        public var text: String
        /// True if the model learns to say it.
        public var isTrained: Bool

        /// A piece of text.
        public init(_ text: String, isTrained: Bool) {
            self.text = text
            self.isTrained = isTrained
        }
    }

    /// The pieces, first to last; none is empty.
    public private(set) var runs: [Run]
    /// The special token that ends each trained run, where a template wrote it.
    public private(set) var endOfTurn: String?

    /// True if no template wrote the text, so that the tokenizer's ids that begin a text come before it.
    public private(set) var isPlain: Bool

    /// Text of the given pieces; empty ones are left out, and neighbors of one kind are kept apart.
    public init(_ runs: [Run], endOfTurn: String? = nil, isPlain: Bool = false) {
        self.runs = runs.filter { !$0.text.isEmpty }
        self.endOfTurn = endOfTurn
        self.isPlain = isPlain
    }

    /// All of the text.
    public var text: String { runs.map(\.text).joined() }

    /// Text whose given ranges of UTF-8 offsets, in order and apart, are trained.
    init(_ text: String, trained ranges: [Range<Int>], endOfTurn: String?) {
        let bytes = Array(text.utf8)
        func piece(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var runs: [Run] = []
        var position = 0
        for range in ranges {
            runs.append(Run(piece(position..<range.lowerBound), isTrained: false))
            runs.append(Run(piece(range), isTrained: true))
            position = range.upperBound
        }
        runs.append(Run(piece(position..<bytes.count), isTrained: false))
        self.init(runs, endOfTurn: endOfTurn)
    }
}

/// Records as text, with the part that is learned.
extension DemonstrationRecord {
    /// The record as text, with what is learned of it.
    ///
    /// Plain text is followed by the template's end-of-text token, which is learned with it, unless it ends so already.
    ///
    /// - Throws: ``SupervisionProblem``.
    public func supervisedText(_ template: ChatTemplate) throws(SupervisionProblem) -> SupervisedText {
        let end = template.tokens["eos_token"]
        switch self {
        case .conversation(let conversation): return try template.supervisedText(of: conversation)
        case .completion(let prompt, let completion):
            let answer = SupervisedText.Run(template.ended(completion), isTrained: true)
            return SupervisedText([.init(prompt, isTrained: false), answer], endOfTurn: end, isPlain: true)
        case .text(let text):
            return SupervisedText(
                [.init(template.ended(text), isTrained: true)], endOfTurn: end, isPlain: true)
        }
    }
}

extension PreferenceRecord {
    /// The prompt with each answer as text; the answers are what the losses are about.
    ///
    /// Both start with the same prompt, run for run.
    ///
    /// - Throws: ``SupervisionProblem``.
    public func supervisedTexts(
        _ template: ChatTemplate
    ) throws(SupervisionProblem) -> (chosen: SupervisedText, rejected: SupervisedText) {
        let texts = try template.supervisedTexts(
            prompt: prompt, completions: [chosen, rejected], tools: tools, variables: variables)
        return (texts[0], texts[1])
    }
}

extension LabeledRecord {
    /// The prompt with the answer as text; the answer is what the losses are about.
    ///
    /// - Throws: ``SupervisionProblem``.
    public func supervisedText(_ template: ChatTemplate) throws(SupervisionProblem) -> SupervisedText {
        try template.supervisedTexts(
            prompt: prompt, completions: [completion], tools: tools, variables: variables)[0]
    }
}

extension ChatTemplate {
    /// A prompt that is read, with each of the answers to it, which are trained with their ends of turn.
    fileprivate func supervisedTexts(
        prompt: Dialogue, completions: [Dialogue], tools: [JSONValue], variables: JSONObject
    ) throws(SupervisionProblem) -> [SupervisedText] {
        let texts = try texts(prompt: prompt, completions: completions, tools: tools, variables: variables)
        return texts.completions.map { answer in
            SupervisedText(
                [.init(texts.prompt, isTrained: false), .init(answer, isTrained: true)],
                endOfTurn: end(of: answer), isPlain: prompt.isPlain)
        }
    }
}

extension PromptRecord {
    /// The prompt as text, up to where the assistant begins to speak.
    ///
    /// - Throws: ``SupervisionProblem`` when the template refuses it.
    public func promptText(_ template: ChatTemplate) throws(SupervisionProblem) -> String {
        switch prompt {
        case .text(let text): return text
        case .messages(let messages):
            do throws(JinjaError) {
                return try template.text(
                    of: Conversation(messages, tools: tools, variables: variables),
                    addingGenerationPrompt: true)
            } catch {
                throw .template(error)
            }
        }
    }
}
