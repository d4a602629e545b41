import Alignment
import ArgumentParser
import BuiltInWorld
import Formatting
import Foundation
import JSON
import LanguageModel
import NeuralCore
import Reports

/// Runs the stages of a quickstart, each a command of `hone` on the files of the ones before.
struct Quickstart {
    let plan: QuickstartPlan
    let seed: UInt64
    let folder: String
    /// The folder for event files of the stages; nil for none.
    let tracking: String?
    /// Folders of further models to evaluate.
    let compared: [String]
    /// Whether this is a short run, of which nothing is claimed.
    let isQuick: Bool
    let interruption: Interruption

    /// Runs the stages that are not done yet.
    func run() throws {
        let world = World(seed: seed)
        let stages = QuickstartStages(plan: plan, seed: seed, folder: folder, tracking: tracking)
        var progress = QuickstartProgress()
        try prepareFolder()
        let done = Set(QuickstartProgress.Stage.allCases.filter { $0.product.map(exists) ?? false })
        let expected = progress.expect(after: done) {
            QuickstartRehearsal(plan) { interruption.isRequested }
        }
        if let expected { standardError("quickstart: \(expected)\n") }
        try stage(.world, &progress) {
            standardError("a town for seed \(seed): websites, code, conversations, opinions\n")
            try stages.write(world, to: url.appending(component: "world"))
        }
        try stage(.corpus, stages.corpus, &progress) { try CorpusCommand.parse($0).run() }
        try stage(.tokenizer, stages.tokenizer, &progress) {
            try TokenizerTrainCommand.parse(Array($0.dropFirst())).run()
        }
        try train(.base, PretrainCommand.self, stages.pretrain, &progress)
        try train(.sft, SFTCommand.self, stages.sft, &progress)
        try train(.reward, RewardCommand.self, stages.reward, &progress)
        try train(.dpo, DPOCommand.self, stages.dpo, &progress)
        try train(.ppo, PPOCommand.self, stages.ppo, &progress)
        try train(.shown, SFTCommand.self, stages.shown, &progress)
        try train(.acting, GRPOCommand.self, stages.acting, &progress)
        var evaluation = QuickstartEvaluation(
            world: world, promptsPerSuite: plan.promptsPerSuite, folder: url)
        standardError(progress.heading(of: .evaluation))
        for model in ["base", "sft", "dpo", "ppo"] {
            try checkInterruption()
            standardError("evaluate: \(model) answers \(counted(evaluation.promptCount, "prompt"))\n")
            try evaluation.evaluate(model, isBase: model == "base")
        }
        for model in compared { try evaluation.evaluate(other: model) }
        let table = BehaviorTable(evaluation: evaluation, baseline: "sft")
        let trigram = try trigramBitsPerByte()
        let errands = try errands(world)
        if isQuick { print("\n\(Self.quickNote)") }
        print("\n" + table.text)
        print("\n" + QuickstartErrands.text(errands))
        print(
            "\nbits per byte of unseen text   a trigram model \(trigram.map { fixed($0, 3) } ?? "not measured"), base \(baseBitsPerByte)"
        )
        let report = QuickstartReport(
            plan: plan, seed: seed, world: world, stages: try finished(stages), evaluation: evaluation,
            table: table, errands: errands, isQuick: isQuick,
            rewardCard: rewardCard, continuations: try continuations(), trigramBitsPerByte: trigram)
        try writeAtomically(Data(report.html.utf8), to: url.appending(component: "report.html"))
        try writeAtomically(
            Data(report.toolsPage.utf8), to: url.appending(component: QuickstartReport.toolsFile))
        print(
            """

            The report: \(stages.path("report.html")), and what tools change: \(stages.path(QuickstartReport.toolsFile))
            The models: \(["base", "sft", "reward", "dpo", "ppo", "acting"].map(stages.path).joined(separator: ", "))
            Talk to it: hone chat --model \(stages.path("dpo"))
            """)
    }

    /// What is said of a short run.
    static let quickNote =
        "A short run: it shows how an assistant is made and measured. What training brings, the usual budget shows."

    /// Returns the stages with the metrics of their runs.
    private func finished(_ stages: QuickstartStages) throws -> [QuickstartReport.Stage] {
        try [
            ("base", PretrainCommand.title, stages.pretrain), ("sft", SFTCommand.title, stages.sft),
            ("reward", RewardCommand.title, stages.reward), ("dpo", DPOCommand.title, stages.dpo),
            ("ppo", PPOCommand.title, stages.ppo), ("shown", SFTCommand.title, stages.shown),
            ("acting", GRPOCommand.title, stages.acting),
        ].map { name, title, command in
            let metrics = url.appending(components: name, "metrics.jsonl")
            return QuickstartReport.Stage(
                name: name, title: title, line: CommandContext(interruption, arguments: command).commandLine,
                metrics: try MetricsLog(contentsOf: metrics))
        }
    }

    private var baseBitsPerByte: String {
        let log = try? MetricsLog(contentsOf: url.appending(components: "base", "metrics.jsonl"))
        return log?["eval_bits_per_byte"]?.last.map { fixed($0.y, 3) } ?? "not measured"
    }

    /// Returns the bits per byte of a trigram model of the training tokens, on the same windows as the base model's.
    private func trigramBitsPerByte() throws -> Double? {
        let tokenizer = try BytePairTokenizer(contentsOf: url.appending(component: "tokenizer.json"))
        let end = tokenizer.id(ofAddedToken: "<|endoftext|>") ?? 0
        func documents(_ name: String) throws -> [[Int32]] {
            try ["text", "code"].flatMap { kind in
                let shard = try TokenShard(
                    url.appending(components: "base", "tokens", "\(name)-\(kind).tokens"))
                return (0..<shard.documentCount).map { shard.tokens(ofDocument: $0) }
            }
        }
        let model = TrigramModel(
            try documents("training"), endOfText: end, vocabularySize: tokenizer.vocabularySize)
        guard
            let unseen = HeldOutWindows(
                try documents("validation"), tokenizer: tokenizer, endOfText: end,
                length: plan.context, count: PretrainCommand.heldOutWindows)
        else { return nil }
        return unseen.bitsPerByte(model.cost(of: unseen.windows, endOfText: end))
    }

    /// Has the assistant go about errands before it has learned to, after it was shown some, and after it has tried.
    private func errands(_ world: World) throws -> [QuickstartErrands] {
        try [("dpo", "DPO"), ("shown", "shown"), ("acting", "GRPO")].map { name, title in
            try checkInterruption()
            standardError("evaluate: \(title) goes about \(counted(3 * plan.errandsPerService, "errand"))\n")
            let chat = try ChatModel(folder: url.appending(component: name).path(percentEncoded: false))
            return try QuickstartErrands(title, chat, in: world, count: plan.errandsPerService)
        }
    }

    private var rewardCard: RewardCard? {
        (try? Data(contentsOf: url.appending(components: "reward", "reward-card.json")))
            .flatMap { try? JSONValue(parsing: Array($0)).decoded() }
    }

    /// Returns the base model's continuations of the beginnings of each kind of text.
    private func continuations() throws -> [Sample] {
        let chat = try ChatModel(folder: url.appending(component: "base").path(percentEncoded: false))
        let beginnings: [(String, String, Sample.Style)] = [
            ("A web page", "The town hall", .prose), ("Code", "/// Returns the", .code),
            ("A forum thread", "Does anybody know", .prose),
        ]
        return beginnings.map { name, text, style in
            let end = chat.tokenizer.id(ofAddedToken: "<|endoftext|>")
            let prompt = [end].compactMap(\.self) + chat.tokenizer.encode(text)
            var decoding = Decoding(
                chat.model, prompts: [prompt], sampling: .topP(0.9, temperature: 0.7),
                stopTokens: Set([end].compactMap(\.self)), maxTokens: 100, using: RandomSource(seed: seed))
            while !decoding.isFinished { decoding.step() }
            let said = decoding.sequences[0].tokens.filter { $0 != end }
            return Sample(name, beginning: text, text: chat.tokenizer.decode(said), style: style)
        }
    }

    private var url: URL { URL(filePath: folder) }

    private func checkInterruption() throws {
        if interruption.isRequested { throw ExitCode(Interruption.outcome.rawValue) }
    }

    /// Makes the folder; one that was made for something else is left alone.
    private func prepareFolder() throws {
        let note = url.appending(component: "quickstart.json")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = try encoder.encode(Note(seed: seed, plan: plan)) + Data("\n".utf8)
        if FileStatus(note.path(percentEncoded: false)) != .missing {
            guard try Data(contents(of: note)) == text else { throw OtherQuickstart(folder: folder) }
            return
        }
        try makeFolder(url)
        try writeAtomically(text, to: note)
    }

    /// The seed and plan that a folder was made for.
    private struct Note: Encodable {
        var seed: UInt64
        var plan: QuickstartPlan
    }

    /// Runs a stage unless its output exists.
    private func stage(
        _ stage: QuickstartProgress.Stage, _ progress: inout QuickstartProgress, _ body: () throws -> Void
    ) throws {
        try checkInterruption()
        if let product = stage.product, exists(product) { return }
        standardError(progress.heading(of: stage))
        let begin = ContinuousClock.now
        try body()
        progress.note(stage, seconds: (ContinuousClock.now - begin).seconds)
    }

    /// Runs a command unless its output exists.
    private func stage(
        _ name: QuickstartProgress.Stage, _ command: [String],
        _ progress: inout QuickstartProgress, _ body: ([String]) throws -> Void
    ) throws {
        try stage(name, &progress) {
            standardError("$ \(CommandContext(interruption, arguments: command).commandLine)\n")
            try body(Array(command.dropFirst()))
        }
    }

    /// Runs or resumes a stage of training unless its model exists.
    private func train<Command: TrainingCommand>(
        _ name: QuickstartProgress.Stage, _: Command.Type, _ command: [String],
        _ progress: inout QuickstartProgress
    ) throws {
        try stage(name, command, &progress) { words in
            let resumption = exists("\(name)/run.json") ? ["--resume"] : []
            try Command.parse(words + resumption).run(CommandContext(interruption, arguments: command))
        }
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(path)")
    }
}

/// A folder that a quickstart of another seed or budget was begun in.
private struct OtherQuickstart: CommandError, CustomStringConvertible {
    let folder: String

    var outcome: Outcome { .usage }
    var description: String {
        "\(folder): holds a quickstart with another seed or another number of minutes; "
            + "go on with it by its own options, or choose another --output"
    }
}
