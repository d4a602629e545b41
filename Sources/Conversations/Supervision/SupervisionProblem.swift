/// The reason why a conversation cannot be trained on with a template.
public enum SupervisionProblem: Error, Hashable, Sendable {
    /// No turn of the assistant is trained.
    case nothingTrained
    /// A turn's text does not end with a special token, so the model would not learn to stop.
    case endOfTurnNotTrained(message: Int, found: String)
    /// The text that ends a turn is several tokens for this tokenizer, so that no single token means the end.
    case endOfTurnIsNoToken(String)
    /// The token that ends a turn is one that the loss ignores, as happens where padding is the end-of-text
    /// token.
    case endOfTurnIgnored(String)
    /// A turn says what only the template may say; it would be read as the end of the turn or the start of
    /// another.
    case specialTokenInContent(message: Int, token: String)
    /// The template does not write what the assistant thought before a turn, so that the model would not learn to think.
    case reasoningLeftOut(message: Int)
    /// The template writes the start of a conversation differently once it goes on, so what the model saw
    /// when it was the assistant's turn is not in the text.
    case startChanges(message: Int)
    /// The template marks another number of turns as the assistant's than there are.
    case marksDoNotMatch(found: Int, expected: Int)
    /// The template cannot be rendered.
    case template(JinjaError)
    /// The record mixes plain text and messages.
    case mixedForms

    /// The problem without its particulars, to count by.
    public var category: String {
        switch self {
        case .nothingTrained: "nothing trained"
        case .endOfTurnNotTrained: "end of turn not trained"
        case .endOfTurnIsNoToken: "end of turn is no token"
        case .endOfTurnIgnored: "end of turn ignored"
        case .specialTokenInContent: "special token in content"
        case .reasoningLeftOut: "template leaves out thinking"
        case .startChanges: "template rewrites the start"
        case .marksDoNotMatch: "generation marks do not match"
        case .template: "template refuses"
        case .mixedForms: "text mixed with messages"
        }
    }
}

extension SupervisionProblem: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .nothingTrained: "no turn of the assistant is trained"
        case .endOfTurnNotTrained(let message, let found):
            "message \(message): the assistant's turn ends with '\(found)', which is no special token: the model would "
                + "not learn to stop"
        case .endOfTurnIsNoToken(let text): "'\(text)' ends a turn but is not one token of this tokenizer"
        case .endOfTurnIgnored(let text):
            "'\(text)' ends a turn but is among the tokens that the loss ignores (is padding the end-of-text token?)"
        case .specialTokenInContent(let message, let token):
            "message \(message) contains '\(token)', which only the template may write"
        case .reasoningLeftOut(let message):
            "message \(message) has thinking (reasoning_content), which the chat template does not write, not even of the last "
                + "turn; write it into the content, between <think> and </think>, or take a template that writes it"
        case .startChanges(let message):
            "the template writes what comes before message \(message) differently once the conversation goes on"
        case .marksDoNotMatch(let found, let expected):
            "the template marks \(found) turns as the assistant's, the conversation has \(expected)"
        case .template(let error): error.description
        case .mixedForms: "prompt and completion must both be text or both be messages"
        }
    }
}
