import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

extension GenerationError: CommandError {
    var outcome: Outcome {
        switch self {
        case .vocabulary, .emptyPrompt, .promptTooLong: .badData
        case .setting: .usage
        }
    }
}

/// The schema in a file cannot be followed.
struct SchemaFileError: CommandError, CustomStringConvertible {
    /// Its path.
    let file: String
    /// What is wrong, and where in the schema.
    let problem: JSONSchemaError

    var description: String { "\(file): \(problem)" }
    var outcome: Outcome { .badData }
}

/// The options that `hone generate` and `hone chat` share: a model, and the sampling of tokens.
struct GenerationArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The model's folder, with its tokenizer.json.", valueName: "dir"),
        completion: .model)
    var model: String

    @OptionGroup var base: BaseOption
    @OptionGroup var variables: TemplateVariables

    @Option(
        help:
            "The storage format of weights: float32, bfloat16, int8 or int4. With half the bytes, nearly twice the speed."
    )
    var weights = WeightFormat.float32

    @Option(
        help:
            "The storage format of the key-value cache: float32 or bfloat16, which is half the bytes."
    )
    var cache = PrecisionName.float32

    @Option(help: ArgumentHelp("The most tokens of a text.", valueName: "n"))
    var maxTokens = 256

    @Option(
        help:
            "The sampling temperature: below 1, likely tokens become likelier; 0 always takes the likeliest.")
    var temperature: Float = 0.8

    @Option(help: ArgumentHelp("Sample from this many of the likeliest tokens.", valueName: "n"))
    var topK: Int?

    @Option(help: "Sample from the fewest likeliest tokens whose probabilities add up to this.")
    var topP: Float?

    @Option(help: "Sample from the tokens at least this many times as likely as the likeliest.")
    var minP: Float?

    @Option(help: "Above 1, tokens that have occurred become less likely.")
    var repetitionPenalty: Float = 1

    @OptionGroup var thinking: ThinkingOptions

    @Option(help: ArgumentHelp("End a text before this string; may be repeated.", valueName: "text"))
    var stop: [String] = []

    @Option(help: ArgumentHelp("The seed of sampling; random unless given.", valueName: "n"))
    var seed: UInt64?

    /// `StoredMatrix.Format` by its name on the command line.
    enum WeightFormat: String, ExpressibleByArgument, CaseIterable {
        case float32, bfloat16, int8, int4

        var format: StoredMatrix.Format {
            switch self {
            case .float32: .float32
            case .bfloat16: .bfloat16
            case .int8: .int8
            case .int4: .int4
            }
        }
    }

    func validate() throws {
        try check("--temperature", temperature, .notNegative)
        try check("--top-k", topK, in: 1...Most.tokens)
        try check("--top-p", topP, .positiveFraction)
        try check("--min-p", minP, .fraction)
        try check("--repetition-penalty", repetitionPenalty, .positive)
        try check("--max-tokens", maxTokens, in: 0...Most.tokens)
        if let budget = thinking.thinkingTokenBudget {
            try refuse(
                "--thinking-token-budget", if: budget >= maxTokens,
                "--max-tokens \(maxTokens) leaves no room for an answer behind it")
        }
        for (option, isGiven) in [
            ("--top-k", topK != nil), ("--top-p", topP != nil), ("--min-p", minP != nil),
        ] {
            try refuse(
                option, if: isGiven && temperature == 0, "--temperature 0 always takes the likeliest token")
        }
    }

    /// The rule by which tokens are drawn.
    var sampling: Sampling {
        Sampling(
            temperature: temperature, topK: topK, topP: topP, minP: minP,
            repetitionPenalty: repetitionPenalty)
    }

    /// Returns the options of generation for texts of a format.
    func options(
        _ format: TextFormat, alternatives: Int = 0, constraint: TokenConstraint? = nil
    ) -> GenerationOptions {
        var options = GenerationOptions(
            sampling: sampling, maxTokens: maxTokens, stopTokens: format.stopTokens, stopStrings: stop,
            alternatives: alternatives, cacheFormat: cache == .float32 ? .float32 : .bfloat16,
            constraint: constraint)
        options.thinking = format.thinking(
            budget: thinking.thinkingTokenBudget, end: thinking.thinkingEnd)
        return options
    }

    /// Refuses a budget of thinking that leaves no room for the end that is put in and an answer behind it.
    func checkThinking(_ loaded: LoadedModel) throws {
        guard let budget = thinking.thinkingTokenBudget else { return }
        let end = loaded.format.thinking(budget: budget, end: thinking.thinkingEnd)
            .ending(loaded.format.tokenizer).count
        let context = loaded.model.configuration.contextLength
        let (room, place) =
            maxTokens <= context
            ? (maxTokens, "--max-tokens \(maxTokens)") : (context, "the model's context of \(context)")
        try refuse(
            "--thinking-token-budget", if: budget >= room - end,
            "its \(counted(budget, "token")) and the \(end) of its end leave no room for an answer in \(place)"
        )
    }

    /// Reads the model and how its text is written.
    ///
    /// - Parameters:
    ///   - template: A built-in template's name, or a file, to use instead of the model's own.
    ///   - base: The folder of the model that it is an adapter of; nil for the one that the adapter names.
    func load(template: String?, base: URL?) throws -> LoadedModel {
        try LoadedModel(model, weights: weights, template: template, variables: variables, base: base)
    }
}

/// The limit of thinking before an answer.
struct ThinkingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The most tokens of thinking, between <think> and </think>: when they are used, its end is put in, and the "
                + "answer follows. As many as the model wants unless given.", valueName: "n"))
    var thinkingTokenBudget: Int?

    @Option(
        help: ArgumentHelp(
            "With --thinking-token-budget: the text put in, instead of the chat template's end of thinking; it has one "
                + "</think>.", valueName: "text"))
    var thinkingEnd: String?

    func validate() throws {
        try check("--thinking-token-budget", thinkingTokenBudget, in: 0...Most.tokens)
        try refuse(
            "--thinking-end", if: thinkingEnd != nil && thinkingTokenBudget == nil,
            "it needs --thinking-token-budget")
        try Self.checkEnd(thinkingEnd)
    }

    /// Refuses a text that does not end thinking.
    static func checkEnd(_ end: String?) throws {
        guard let end, end.ranges(of: Thinking.endMark).count != 1 else { return }
        throw ValidationError("--thinking-end is '\(end)'; expected a text with one </think>.")
    }
}

/// A model that is ready to generate.
struct LoadedModel {
    let folder: URL
    let model: StoredTransformer
    let format: TextFormat

    init(
        _ path: String, weights: GenerationArguments.WeightFormat, template: String?,
        variables: TemplateVariables, base: URL?
    ) throws {
        folder = try modelFolder(path)
        let session = try ChatSession(
            contentsOf: folder, weights: weights.format,
            template: template.map { try ChatTemplate(nameOrFile: $0) },
            variables: variables.values, base: base)
        try variables.check([session.format])
        var model = session.model
        model.precision = weights == .float32 ? .float32 : .bfloat16
        (self.model, format) = (model, session.format)
    }

    /// Makes sure that the model has a template of its own, or one that the user named: a base model is not talked to
    /// in one that it has never seen.
    func checkTemplate() throws(ChatTemplateError) {
        guard !format.isTemplateAdopted else { throw .noTemplate(directory: folder.lastPathComponent) }
        _ = try format.chatTemplate()
    }
}
