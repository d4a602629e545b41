import Alignment
import ArgumentParser
import Files
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone generate`: continuations of prompts.
struct GenerateCommand: ParsableCommand, SharedCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue texts with a model.",
        discussion: paragraphs(
            """
            Text appears as it is generated, without the prompt. Prompts come from --prompt, which may be repeated,
            or from --data: JSON Lines with a "prompt", a string or a list of messages, plain or .gz. With --chat a
            prompt is what a user says, and the model's chat template is put around it. With --json each text
            is a line: {"prompt":…,"text":…,"ids":[…],"log_probabilities":[…],"ending":…}, the ending "stop",
            "stop_string" or "length"; natural logarithms under the model, whatever the sampling. With --reward-model or
            --reward, of the --samples of each prompt the one with the greatest reward is printed (best of n), with its
            "reward", the sum where several judge; --minimum-reward leaves out those that are not good enough.

            With --records each text is a record to train on, its prompt as it was with all else that stood beside it:
            {"prompt":[…],"completion":[…],"reward":…}. What --max-tokens cut is left out. So a model is tuned on the best of
            its own answers (rejection sampling), or on those of a teacher:

              hone generate --model mine --data sums.jsonl --samples 8 --reward number --minimum-reward 1 --records --output right.jsonl
              hone sft --model mine --data right.jsonl --output better

            A variable of the template, such as enable_thinking, is given for all prompts by --template-variable, or
            stands in a record of --data beside its prompt, which is then a list of messages:
            {"prompt":[…],"chat_template_kwargs":{"enable_thinking":false}}; "tools" stand there too.

            A model that thinks does so between <think> and </think>, and programs judge the answer behind it.
            --thinking-token-budget ends thinking after that many tokens: its end is put in, and the model answers.

              hone generate --model qwen3 --chat --prompt 'What is 17 times 23?' --max-tokens 400 --thinking-token-budget 200

            With --json-schema each text is a value of the schema, whole unless it ends with "length" or "stop_string"; thinking that the
            prompt has begun comes before it. A schema that asks for what cannot be enforced is refused. Where the model has no token that ends a text, the ending is "complete".

              hone generate --model model --prompt 'Once upon a time' --max-tokens 100
              hone generate --model model --chat --prompt 'Name a town.' --json-schema town.json
              hone generate --model model --prompt 'def area(' --temperature 0 --stop $'\\n\\n' --weights int8
              hone generate --model model --data prompts.jsonl --samples 4 --top-p 0.95 --json
            """))

    @OptionGroup var arguments: GenerationArguments

    @Option(help: ArgumentHelp("A text to continue; may be empty, and may be repeated.", valueName: "text"))
    var prompt: [String] = []

    @Option(
        help: ArgumentHelp(
            "Records with a \"prompt\", in a file or in the folder of a data set.", valueName: "file"),
        completion: .file())
    var data: String?

    @OptionGroup var names: ColumnOptions

    @Flag(help: "Treat each prompt as a user's message.")
    var chat = false

    @Option(
        help: ArgumentHelp("With --chat: a built-in template's name, or a file.", valueName: "name"),
        completion: .file())
    var template: String?

    @Option(help: ArgumentHelp("Texts for each prompt.", valueName: "n"))
    var samples = 1

    @Option(help: ArgumentHelp("The approximate number of texts generated together.", valueName: "n"))
    var batch = 16

    @Option(
        help: ArgumentHelp(
            "With --json: report this many of the likeliest tokens at each position.", valueName: "n")
    )
    var alternatives = 0

    @Option(
        help: ArgumentHelp("A JSON schema that each text fits.", valueName: "file"), completion: .file())
    var jsonSchema: String?

    @OptionGroup var rewardModels: RewardModelOptions

    @Option(
        help: ArgumentHelp(
            "A program that judges the texts; may be repeated: instructions (IFEval's keys in the record), number or "
                + "fact (the record's \"answer\").", valueName: "name"))
    var reward: [RolloutOptions.RewardName] = []

    @Option(
        help: ArgumentHelp(
            "Leave out texts of a smaller reward, and those that nothing judges.", valueName: "x"))
    var minimumReward: Float?

    @Flag(help: "Print a record to train on for each text.")
    var records = false

    @Option(
        help: ArgumentHelp(
            "With --records: the file for them, instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Print a line of JSON for each text.")
    var json = false

    /// Whether something judges the texts.
    private var isJudged: Bool { !rewardModels.rewardModel.isEmpty || !reward.isEmpty }

    func validate() throws {
        guard prompt.isEmpty != (data == nil) else {
            throw ValidationError("Give either --prompt or --data.")
        }
        try refuse("--map", if: names.map != nil && data == nil, "it is for --data")
        try check("--samples", samples, in: 1...10_000)
        try check("--batch", batch, in: 1...10_000)
        try check("--alternatives", alternatives, in: 0...1_000)
        try refuse("--alternatives", if: alternatives > 0 && !json, "it needs --json")
        try refuse(
            "--template", if: template != nil && data == nil && !chat,
            "a --prompt is put into one with --chat")
        try refuse(
            "--template-variable",
            if: !arguments.variables.templateVariable.isEmpty && data == nil && !chat,
            "a --prompt is put into a template with --chat")
        let judges = reward.isEmpty ? "--reward-model" : "--reward"
        try refuse(
            judges, if: isJudged && samples == 1 && !json && !records && minimumReward == nil,
            "it chooses among --samples, or is printed with --json or --records")
        for name in reward where data == nil {
            try refuse(
                "--reward \(name.rawValue)",
                if: !name.judges(PromptRecord(.text(""))) || !name.knows(PromptRecord(.text(""))),
                "it needs records of --data with \(name.columns)")
        }
        try check("--minimum-reward", minimumReward, .finite)
        try refuse(
            "--minimum-reward", if: minimumReward != nil && !isJudged, "it needs --reward-model or --reward")
        try refuse("--output", if: output != nil && !records, "it needs --records")
        try refuse("--json", if: json && records, "--records are JSON")
        try refuse("--alternatives", if: alternatives > 0 && records, "--records have none")
    }

    func run() throws {
        try reportingErrors {
            try checkOutput()
            try checkRewards()
            let base = try arguments.base.folder(for: [arguments.model] + rewardModels.rewardModel)
            let loaded = try arguments.load(template: template, base: base)
            try arguments.checkThinking(loaded)
            let seed = Ranks.communicator.numberOfFirst(arguments.seed ?? UInt64.random(in: 0..<1 << 32))
            var random = RandomSource(seed: seed)
            var speed = GenerationSpeed()
            if chat || template != nil { try loaded.checkTemplate() }
            // These options would be ignored for plain-text prompts.
            let needsTemplate =
                template != nil
                ? "--template" : arguments.variables.templateVariable.isEmpty ? nil : "--template-variable"
            var prompts = try PromptReader(
                texts: prompt, file: data, columns: names.columns, asksAsUser: chat,
                needsTemplate: needsTemplate, loaded)
            let judge = try rewardModels.ensemble(loaded.format, base: base)
            let constraint = try jsonSchema.map { path in
                try Self.constraint(path, loaded.format.tokenizer)
            }
            let isOnlyText = prompt.count == 1 && (samples == 1 || isJudged)
            let lines = try RecordLines(output)
            let pieces = SharedOutput { try records ? lines.add($0) : standardOutput($0) }
            var (written, cut, unthought) = (0, 0, 0)
            var leftOut = TextWriter.LeftOut()
            while let group = try prompts.next(max(1, batch / samples)) {
                // Each text has a stream of its own, whatever is generated beside it.
                let source = random
                for _ in 0..<group.count * samples { _ = random.split() }
                let first = written
                written += group.count
                try pieces.piece {
                    // A reward model that reads fewer tokens would judge the end alone.
                    let longest = (group.map(\.tokens.count).max() ?? 0) + arguments.maxTokens
                    for (member, name) in zip(judge?.members ?? [], rewardModels.rewardModel) {
                        try member.body.configuration.check(
                            context: min(longest, loaded.model.configuration.contextLength), name: name)
                    }
                    let form: TextWriter.Form =
                        records
                        ? .records(
                            group.map(\.record), to: lines,
                            turn: { text, prompt in
                                let opens = loaded.format.opensThinking(group[prompt].tokens)
                                return loaded.format.turn(ReasonedText(text, beginsThinking: opens))
                            })
                        : json ? .json : .text(isAlone: isOnlyText)
                    let writer = TextWriter(
                        prompts: group.map(\.text), samples: samples, first: first, form: form,
                        isJudged: isJudged, loaded.format.tokenizer)
                    var generation = try TextGeneration(
                        loaded.model, loaded.format.tokenizer, prompts: group.map(\.tokens), samples: samples,
                        options: arguments.options(
                            loaded.format, alternatives: alternatives, constraint: constraint),
                        using: source)
                    while !generation.isFinished {
                        for piece in speed.measured({ generation.step() }) { try writer.add(piece) }
                    }
                    try writer.finish(
                        rewards: rewards(of: generation.sequences, to: group, judge, loaded.format),
                        minimum: minimumReward)
                    leftOut += writer.leftOut
                    speed.count(generation.sequences)
                    cut += generation.sequences.count { [.length, .stopString].contains($0.ending) }
                    unthought += generation.sequences.count { sequence in
                        sequence.ending == .length
                            && loaded.format.isCutWithinThinking(
                                sequence.tokens, after: group[sequence.prompt].tokens)
                    }
                }
            }
            try pieces.finish()
            let counts = [cut, unthought, leftOut.cut, leftOut.unjudged, leftOut.belowMinimum]
            let sums = pieces.sums(of: counts.map { Double($0) }).map { Int($0) }
            (cut, unthought) = (sums[0], sums[1])
            leftOut = .init(cut: sums[2], unjudged: sums[3], belowMinimum: sums[4])
            speed.add(others: pieces.sums(of: speed.counts))
            guard Ranks.isFirst else { return }
            try lines.finish()
            if let jsonSchema, cut > 0 {
                standardError(
                    "cut by --max-tokens or --stop, and no whole values of \(jsonSchema): "
                        + "\(grouped(cut)) of \(counted(written * samples, "text"))\n")
            }
            if unthought > 0, arguments.thinking.thinkingTokenBudget != nil {
                standardError(
                    "cut within their thinking, by --max-tokens or the model's context: "
                        + "\(grouped(unthought)) of \(counted(written * samples, "text"))\n")
            }
            if let sentence = leftOut.sentence { standardError(sentence) }
            standardError(
                "\(speed), weights in \(arguments.weights.rawValue) on \(Arithmetic(.float32).processor), seed \(seed)\n"
            )
        }
    }
}

extension GenerateCommand {
    /// Refuses an --output that would replace what is read.
    private func checkOutput() throws {
        guard output != nil else { return }
        let records = try DatasetFolder.files(at: data.map { [$0] } ?? [], split: "train")
        let models = [arguments.model, arguments.base.base] + rewardModels.rewardModel
        try OutputIsInput.check(
            output, as: "--output",
            among: records.map(\.relativePath) + [jsonSchema, template]
                + OutputIsInput.files(ofModels: models))
    }

    /// Refuses programs that have no opinion on the texts of any record, and says how many records nothing judges, before the
    /// first text is generated.
    private func checkRewards() throws {
        guard let data, !reward.isEmpty else { return }
        var check = RewardCheck(reward)
        for file in try DatasetFolder.files(at: [data], split: "train") {
            var reader = try RecordReader<PromptRecord>(file, onBadRecord: .refuse, columns: names.columns)
            while let record = try reader.next() {
                check.add(record)
                if let problem = reward.lazy.compactMap({ $0.problem(of: record) }).first {
                    throw BehaviorSuiteError.badItem(
                        file: file.lastPathComponent, line: reader.line, problem: problem)
                }
            }
        }
        guard check.count > 0 else { return }
        try check.requireUse(of: data, to: "judge")
        if check.unjudged > 0, rewardModels.rewardModel.isEmpty {
            standardError(
                "\(data): \(grouped(check.unjudged)) of \(counted(check.count, "record")) cannot be judged: "
                    + "\(check.needs)\n")
        }
    }

    /// The sum of the rewards of each text by all that judges it, NaN where nothing does; nil where nothing is to judge.
    private func rewards(
        of sequences: [Decoding.Sequence], to prompts: [PromptReader.Prompt], _ judge: RewardEnsemble?,
        _ format: TextFormat
    ) -> [Float]? {
        guard isJudged else { return nil }
        let models = judge?.rewards(of: sequences.map { prompts[$0.prompt].tokens + $0.tokens })
        return sequences.enumerated().map { index, sequence in
            let prompt = prompts[sequence.prompt]
            let answer = ProgrammaticReward.Answer(
                format.text(ofAnswer: sequence.tokens, to: prompt.tokens), to: prompt.record)
            let opinions =
                reward.compactMap { $0.reward.value(answer).map { Float($0) } }
                + (models.map { [$0[index]] } ?? [])
            return opinions.isEmpty ? .nan : opinions.reduce(0, +)
        }
    }

    /// The constraint of a schema in a file.
    fileprivate static func constraint(_ path: String, _ tokenizer: BytePairTokenizer) throws
        -> TokenConstraint
    {
        let text = String(decoding: try contents(of: existing(path)), as: UTF8.self)
        do throws(JSONSchemaError) {
            return try TokenConstraint(JSONSchema(parsing: text), TokenTrie(tokenizer))
        } catch {
            throw SchemaFileError(file: path, problem: error)
        }
    }
}

/// Prompts from the command line or from a file, some at a time.
private struct PromptReader {
    struct Prompt {
        var record: PromptRecord
        var text: String
        var tokens: [Int32]
    }

    private var texts: ArraySlice<String>
    private var reader: RecordReader<PromptRecord>?
    private var files: ArraySlice<URL> = []
    private let columns: ColumnMap
    private let asksAsUser: Bool
    /// The option that does something in a chat template alone; nil where none is given.
    private let needsTemplate: String?
    private let loaded: LoadedModel

    init(
        texts: [String], file: String?, columns: ColumnMap, asksAsUser: Bool, needsTemplate: String?,
        _ loaded: LoadedModel
    ) throws {
        self.texts = texts[...]
        self.asksAsUser = asksAsUser
        self.needsTemplate = needsTemplate
        self.loaded = loaded
        self.columns = columns
        files = try DatasetFolder.files(at: file.map { [$0] } ?? [], split: "train")[...]
    }

    /// The next prompts, as many as there are up to a number; nil at the end.
    mutating func next(_ count: Int) throws -> [Prompt]? {
        var prompts: [Prompt] = []
        while prompts.count < count {
            if let text = texts.popFirst() {
                prompts.append(try prompt(PromptRecord(asksAsUser ? .messages([.user(text)]) : .text(text))))
            } else if let record = try reader?.next() {
                prompts.append(try prompt(asksAsUser ? record.inTurns() : record))
            } else if let file = files.popFirst() {
                reader = try RecordReader(file, onBadRecord: .refuse, columns: columns)
            } else {
                break
            }
        }
        return prompts.isEmpty ? nil : prompts
    }

    private func prompt(_ record: PromptRecord) throws -> Prompt {
        switch record.prompt {
        case .text(let text):
            try refuse(
                needsTemplate ?? "", if: needsTemplate != nil,
                "a record's prompt is plain text, which is put into one with --chat")
            return Prompt(record: record, text: text, tokens: loaded.format.tokens(of: text))
        case .messages(let messages):
            try loaded.checkTemplate()
            let text = try loaded.format.text(
                of: Conversation(messages, tools: record.tools, variables: record.variables),
                addingGenerationPrompt: true)
            return Prompt(record: record, text: text, tokens: loaded.format.tokenizer.encode(text))
        }
    }
}

/// The speed of generation.
private struct GenerationSpeed: CustomStringConvertible {
    private var seconds = 0.0
    private var tokens = 0
    private var texts = 0

    /// Runs `body`, and adds the time it took.
    mutating func measured<Result>(_ body: () -> Result) -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        let result = body()
        let duration = clock.now - start
        seconds += Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        return result
    }

    mutating func count(_ sequences: [Decoding.Sequence]) {
        texts += sequences.count
        tokens += sequences.reduce(0) { $0 + $1.tokens.count }
    }

    /// Tokens and texts, to be added up over ranks.
    var counts: [Double] { [Double(tokens), Double(texts)] }

    /// Counts what all ranks made, in the time of this one.
    mutating func add(others sums: [Double]) { (tokens, texts) = (Int(sums[0]), Int(sums[1])) }

    var description: String {
        let rate = seconds > 0 ? Double(tokens) / seconds : 0
        return String(
            format:
                "\(texts == 1 ? "" : counted(texts, "text") + ", ")\(counted(tokens, "token")) in %.2f s, %.1f tokens/s",
            seconds, rate)
    }
}
