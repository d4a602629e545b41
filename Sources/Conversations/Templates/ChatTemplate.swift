public import Foundation
package import LanguageModel

/// The form in which a model reads a conversation: the Jinja `chat_template` of a model directory, or a
/// built-in one.
///
/// ```swift
/// let text = try ChatTemplate.chatML.text(of: conversation, addingGenerationPrompt: true)
/// ```
///
/// The text is what transformers' `apply_chat_template` gives, byte for byte. A construct of Jinja that is
/// not supported throws; nothing is rendered approximately.
public struct ChatTemplate: Sendable {
    /// The words that templates use for special tokens: `bos_token`, `eos_token`, ….
    public let tokens: [String: String]
    /// Every text that has to be one token of its own for the template to work.
    public let specialTokens: [String]

    let template: JinjaTemplate
    /// Values of the template's variables where a conversation does not give them.
    private var variables: JSONObject = [:]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - source: The template, in Jinja.
    ///   - tokens: The texts of `bos_token`, `eos_token` and their like.
    ///   - specialTokens: Texts beyond these that are one token each.
    /// - Throws: ``JinjaError`` when the source is no Jinja or uses what is not supported.
    public init(
        _ source: String, tokens: [String: String] = [:], specialTokens: [String] = []
    ) throws(JinjaError) {
        template = try JinjaTemplate(source)
        self.tokens = tokens
        self.specialTokens = specialTokens + Set(tokens.values).subtracting(specialTokens).sorted()
    }

    /// The template for a model whose tokenizer has further special tokens, which then are recognized as the
    /// ends of turns, and refused in what is said.
    public func with(specialTokens more: some Sequence<String>) -> ChatTemplate {
        var known = specialTokens
        for token in more where !known.contains(token) { known.append(token) }
        return ChatTemplate(
            template: template, tokens: tokens, specialTokens: known, variables: variables)
    }

    /// The template for a model that has further names for tokens, such as `bos_token`; what the template's own say goes
    /// before.
    public func with(tokens more: [String: String]) -> ChatTemplate {
        let named = tokens.merging(more) { own, _ in own }
        return ChatTemplate(
            template: template, tokens: named,
            specialTokens: specialTokens + Set(named.values).subtracting(specialTokens).sorted(),
            variables: variables)
    }

    /// The template with values for its variables, such as `enable_thinking`; what a conversation says of them goes before.
    public func with(variables more: JSONObject) -> ChatTemplate {
        var template = self
        for (name, value) in more.members { template.variables[name] = value }
        return template
    }

    /// True if the template reads a variable of this name.
    public func reads(variable name: String) -> Bool { template.reads(name) }

    /// A template that refuses every conversation.
    package static func refusing(_ reason: String, tokens: [String: String]) -> ChatTemplate {
        let words = JSONValue.string(reason).text(.compact)
        do {
            return try ChatTemplate("{{ raise_exception(\(words)) }}", tokens: tokens)
        } catch {
            fatalError("a template that refuses does not parse: \(error)")
        }
    }

    /// The token that is written behind what the assistant says; nil where there is none.
    package var endOfTurn: String? {
        try? supervisedText(of: Conversation([.user("?"), .assistant("!")])).endOfTurn
    }

    /// The text that the template writes between the thinking of the last turn and what it says; nil where it writes no
    /// `reasoning_content`, or without marks.
    package var endOfThinking: String? {
        let turn = Message(.assistant, "ANSWER", reasoning: "THOUGHT")
        guard let text = try? text(of: Conversation([.user("?"), turn])),
            let begin = text.range(of: "THOUGHT")?.upperBound,
            let end = text[begin...].range(of: "ANSWER")?.lowerBound
        else { return nil }
        let between = String(text[begin..<end])
        return between.contains(ReasonedText.marks.end) ? between : nil
    }

    private init(
        template: JinjaTemplate, tokens: [String: String], specialTokens: [String], variables: JSONObject
    ) {
        self.template = template
        self.variables = variables
        self.tokens = tokens
        self.specialTokens = specialTokens
    }

    /// The template as it was written, in Jinja.
    public var source: String { template.source }

    /// The conversation as the model reads it.
    ///
    /// - Parameters:
    ///   - conversation: Turns and tools.
    ///   - addingGenerationPrompt: True if the text goes on to where the assistant's answer begins.
    ///   - variables: Further variables that the template understands, such as `enable_thinking`.
    ///   - date: The present day, for a template that names it.
    /// - Throws: ``JinjaError``, also when the template refuses the conversation.
    public func text(
        of conversation: Conversation, addingGenerationPrompt: Bool = false, variables: JSONObject = [:],
        date: Date = Date()
    ) throws(JinjaError) -> String {
        try rendered(
            conversation, addingGenerationPrompt: addingGenerationPrompt, variables: variables, date: date
        ).text
    }

    /// The text, with what the template marks as the assistant's.
    func rendered(
        _ conversation: Conversation, addingGenerationPrompt: Bool, variables: JSONObject, date: Date
    ) throws(JinjaError) -> JinjaTemplate.Output {
        var context: JSONObject = [:]
        for (name, token) in tokens { context[name] = .string(token) }
        context["messages"] = .array(conversation.messages.map(\.templateJSON))
        context["tools"] = conversation.tools.isEmpty ? .null : .array(conversation.tools)
        context["documents"] = .null
        context["add_generation_prompt"] = .bool(addingGenerationPrompt)
        for (name, value) in self.variables.members { context[name] = value }
        for (name, value) in conversation.variables.members { context[name] = value }
        for (name, value) in variables.members { context[name] = value }
        return try template.rendered(with: context, date: date)
    }
}

extension Message {
    /// This turn as templates see it: without what only training asks for.
    fileprivate var templateJSON: JSONValue {
        var message = self
        message.isTrained = true
        return message.json
    }
}

/// The reason why a model directory gives no chat template.
public enum ChatTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file is not there or cannot be read.
    case unreadable(file: String, reason: String)
    /// A key holds what it should not.
    case malformed(file: String, key: String, expected: String)
    /// The directory, or the GGUF file, names no template.
    case noTemplate(directory: String)
    /// The template cannot be used.
    case template(JinjaError)

    /// One line for people.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let key, let expected): "\(file): '\(key)' should be \(expected)"
        case .noTemplate(let file) where file.hasSuffix(".gguf"):
            "\(file): no chat template: it has no key tokenizer.chat_template"
        case .noTemplate(let directory):
            "\(directory): no chat template in tokenizer_config.json or chat_template.jinja"
        case .template(let error): error.description
        }
    }
}

extension ChatTemplate {
    /// Reads a file that holds a template, in Jinja.
    ///
    /// - Throws: ``ChatTemplateError`` where it cannot be read as text, or is no template.
    public init(contentsOf file: URL) throws(ChatTemplateError) {
        guard let source = try? String(contentsOf: file, encoding: .utf8) else {
            throw .unreadable(file: file.relativePath, reason: "no readable file")
        }
        do throws(JinjaError) {
            try self.init(source)
        } catch {
            throw .template(error)
        }
    }

    /// Reads the template of a model directory: `chat_template.jinja`, else `chat_template` in
    /// `tokenizer_config.json`.
    ///
    /// Where the file holds several templates by name, it is the one called `default`. Special tokens are
    /// those that the folder names or lists as special; see `TokenizerConfiguration`.
    public init(directory: URL) throws(ChatTemplateError) {
        let configuration: TokenizerConfiguration
        do throws(TokenizerError) {
            configuration = try TokenizerConfiguration(directory: directory)
        } catch {
            throw .unreadable(file: "tokenizer_config.json", reason: error.description)
        }
        try self.init(configuration, directory: directory.lastPathComponent)
    }

    /// The template that a configuration holds.
    ///
    /// - Parameter directory: The name of its folder, for messages.
    package init(_ configuration: TokenizerConfiguration, directory: String) throws(ChatTemplateError) {
        guard let source = configuration.chatTemplate else {
            guard configuration.lacksDefaultTemplate else { throw .noTemplate(directory: directory) }
            throw .malformed(
                file: "tokenizer_config.json", key: "chat_template", expected: "a template named default")
        }
        do throws(JinjaError) {
            try self.init(
                source, tokens: configuration.tokens, specialTokens: configuration.specialTokens)
        } catch {
            throw .template(error)
        }
    }
}
