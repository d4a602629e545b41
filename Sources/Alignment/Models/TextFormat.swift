import Foundation
public import LanguageModel

/// The text format of a model: its tokenizer, its chat template, and its special tokens.
///
/// Training, generation, scoring, rewards, evaluation and chat all encode text with it, so that they see the same ids.
///
/// | text | its ids |
/// |---|---|
/// | messages | what the template writes and nothing else; the template writes what begins a text itself |
/// | a plain text, a plain prompt | those that the tokenizer puts before a text (its post-processor), then its own |
/// | a plain completion, a plain text to learn | also the end-of-text token |
///
/// This is what TRL 1.16 does in its trainers for SFT, DPO, KTO, rewards and GRPO: `apply_chat_template`, which adds no
/// special tokens, for messages; `tokenizer(text)`, which does, for plain text; and `eos_token` behind what is to be
/// learned of plain text. Departures: an answer whose first token would reach back into its prompt is encoded by itself,
/// since that is what a model that answers sees (TRL cuts the prompt); a tokenizer that puts its end-of-text token
/// behind every text does not put a second one; and a reward model sees the prompt as the policy does (TRL's GRPO leaves
/// out what begins a plain text, though its reward models are trained with it).
public struct TextFormat: Sendable {
    /// The tokenizer.
    public let tokenizer: BytePairTokenizer
    /// The contents of `tokenizer_config.json`.
    public let configuration: TokenizerConfiguration
    /// The contents of `generation_config.json`.
    public let generation: GenerationConfiguration
    /// The template for conversations.
    ///
    /// Where the model has none, or one that cannot be read, this one refuses every conversation and gives the reason;
    /// plain text is still followed by its end-of-text token.
    public let template: ChatTemplate
    /// The reason why there is no template; nil where there is one.
    public let templateProblem: ChatTemplateError?
    /// True if the model has no template of its own, as base models have none, and ChatML is used.
    public let isTemplateAdopted: Bool
    /// The token that ends a plain text; nil where none is known.
    public let endOfText: Int32?
    /// The token that ends a turn of the assistant: the one that the template writes behind an answer, or else the
    /// end-of-text token.
    public let endOfTurn: Int32?
    /// The tokens that end what is generated: those of the model's files, and the ends of a turn and of a text.
    public let stopTokens: Set<Int32>
    /// The token that fills up batches elsewhere, as the model or else its tokenizer names it.
    public let padding: Int32?
    /// The token that a model reads first where there is nothing else to read.
    let beginning: Int32?
    /// The folder with the tokenizer's files, which are copied where the model is written.
    var source: URL?

    /// The format of a model from its parts.
    ///
    /// - Parameters:
    ///   - tokenizer: The tokenizer.
    ///   - configuration: The contents of `tokenizer_config.json`, with the chat template.
    ///   - template: The template to use instead of that one. `bos_token` and the like are those of the configuration
    ///     where it does not say what they are.
    ///   - variables: Values of the template's variables where a conversation does not say them.
    ///   - model: The model's configuration, which may name tokens that begin and end a text; nil where there is none.
    ///   - generation: The contents of `generation_config.json`.
    ///   - name: The model's name in messages.
    public init(
        _ tokenizer: BytePairTokenizer, configuration: TokenizerConfiguration = TokenizerConfiguration(),
        template: ChatTemplate? = nil, variables: JSONObject = [:], model: TransformerConfiguration? = nil,
        generation: GenerationConfiguration = GenerationConfiguration(), name: String = "the model"
    ) {
        self.tokenizer = tokenizer
        self.configuration = configuration
        self.generation = generation
        var tokens = configuration.tokens
        func content(of id: Int32?) -> String? {
            id.flatMap { id in tokenizer.addedTokens.first { $0.id == id }?.content }
        }
        if tokens["bos_token"] == nil { tokens["bos_token"] = content(of: model?.beginOfSequence) }
        if tokens["eos_token"] == nil { tokens["eos_token"] = content(of: model?.endOfSequence.first) }
        let choice = TemplateChoice(
            template, configuration, tokens: tokens, tokenizer: tokenizer, directory: name)
        self.template = choice.template.with(specialTokens: tokenizer.specialTokens.map(\.content))
            .with(variables: variables)
        templateProblem = choice.problem
        isTemplateAdopted = choice.isAdopted
        func id(of name: String?) -> Int32? { name.flatMap { tokenizer.id(ofAddedToken: $0) } }
        endOfText = id(of: choice.template.tokens["eos_token"])
        endOfTurn = id(of: self.template.endOfTurn) ?? endOfText
        let ends = model?.endOfSequence ?? []
        stopTokens = Set(ends + [endOfText, endOfTurn].compactMap(\.self))
        padding = model?.padding ?? id(of: tokens["pad_token"])
        beginning = model?.beginOfSequence ?? ends.first ?? endOfText
    }

    /// The token given to the model in place of an empty text: the tokenizer's `bos_token`, or else
    /// its `eos_token`; nil where its files name neither. This is the rule of lm-eval (`HFLM.prefix_token_id`).
    public var prefixToken: Int32? {
        [configuration.beginningOfText, configuration.endOfText].lazy.compactMap(\.self)
            .compactMap(tokenizer.id(ofAddedToken:)).first
    }

    /// The template.
    ///
    /// - Throws: ``/Conversations/ChatTemplateError`` where there is none.
    public func chatTemplate() throws(ChatTemplateError) -> ChatTemplate {
        if let templateProblem { throw templateProblem }
        return template
    }

    /// The tokens with which a model that was trained in this format ends a sequence, the end of a turn before those
    /// that it had.
    public func endings(of model: Transformer) -> [Int32] {
        endings(after: model.endOfSequence)
    }

    /// The tokens that end a sequence, where these are the model's own.
    func endings(after ends: [Int32]) -> [Int32] {
        guard let endOfTurn, !ends.contains(endOfTurn) else { return ends }
        return [endOfTurn] + ends
    }
}

/// The choice of a model's chat template.
private struct TemplateChoice {
    var template: ChatTemplate
    var problem: ChatTemplateError?
    var isAdopted = false

    /// The one given, else the configuration's, else ChatML if the tokenizer knows its tokens.
    init(
        _ given: ChatTemplate?, _ configuration: TokenizerConfiguration, tokens: [String: String],
        tokenizer: BytePairTokenizer, directory: String
    ) {
        do throws(ChatTemplateError) {
            if let given {
                template = given.with(tokens: tokens)
            } else {
                template = try ChatTemplate(configuration, directory: directory).with(tokens: tokens)
            }
        } catch {
            let marks = ChatTemplate.chatML.specialTokens
            if case .noTemplate = error, marks.allSatisfy({ tokenizer.id(ofAddedToken: $0) != nil }) {
                template = ChatTemplate.chatML.with(tokens: tokens)
                isAdopted = true
            } else {
                template = .refusing(error.description, tokens: tokens)
                problem = error
            }
        }
    }
}
