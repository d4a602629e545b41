import Alignment
import ArgumentParser
import Behavior
import BuiltInWorld
import Files
import Formatting
import Foundation
import LanguageModel
import NeuralCore

extension BehaviorSuiteError: CommandError {
    var outcome: Outcome {
        switch self {
        case .unreadable(let file, let reason) where reason == FileError.missing(file: file).reason:
            .missingInput
        case .unreadable, .badItem, .promptTooLong: .badData
        }
    }
}

/// The options of measuring behavior.
struct BehaviorOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Behavior suites: files of prompts with conditions for a good answer, in JSON Lines or a table, or the folder "
                + "of a data set, of which its split test is read or the only one it has.", valueName: "file"),
        completion: .file())
    var suite: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with the assistant's abilities and limits, for the suites of kind limits.",
            valueName: "file"),
        completion: .file())
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "A reward model that compares answers with those of the first model, for win rates.",
            valueName: "dir"), completion: .model)
    var rewardModel: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Built-in environments in which the models act: \(EnvironmentName.list).", valueName: "name"))
    var environment: [EnvironmentName] = []

    @Option(help: ArgumentHelp("Episodes of each environment; 200 unless given.", valueName: "n"))
    var episodes: Int?

    @Option(
        help: ArgumentHelp(
            "The most tokens of an answer, or of an episode with all that is said in it; 256 unless given.",
            valueName: "n"))
    var maxTokens: Int?

    @OptionGroup var variables: TemplateVariables

    func validate() throws {
        try check("--max-tokens", maxTokens, in: 1...Most.tokens)
        try check("--episodes", episodes, in: 1...Most.examples)
        try refuse("--episodes", if: episodes != nil && environment.isEmpty, "it needs --environment")
        try refuse("--manifest", if: manifest != nil && suite.isEmpty, "it needs --suite")
        try refuse("--reward-model", if: rewardModel != nil && suite.isEmpty, "it needs --suite")
        let need = "it needs --suite or --environment"
        try refuse("--max-tokens", if: maxTokens != nil && !isUsed, need)
        try refuse("--template-variable", if: !variables.templateVariable.isEmpty && !isUsed, need)
    }

    /// Whether there is something to measure.
    var isUsed: Bool { !suite.isEmpty || !environment.isEmpty }

    /// Has models answer every prompt of every suite, greedily.
    ///
    /// - Parameters:
    ///   - scoring: How the weights of the models are kept, and the products of all computed.
    ///   - base: The folder of the model that adapters are for; nil for the one that they name.
    ///   - sharing: The processes that share prompts and episodes out.
    func report(
        on models: [String], _ scoring: ScoringOptions, base: URL?, _ sharing: WorkSharing
    ) async throws -> BehaviorReport {
        let files = try DatasetFolder.evaluationFiles(at: suite)
        for file in files.map(\.relativePath) + [manifest].compactMap(\.self)
        where !FileManager.default.fileExists(atPath: file) {
            throw FileError.missing(file: file)
        }
        var suites = try files.map { try BehaviorSuite(contentsOf: $0) }
        if let (file, _) = zip(files, suites).first(where: { $1.items.isEmpty }) {
            throw BehaviorSuiteError.unreadable(
                file: file.lastPathComponent, reason: "nothing to ask: found no items")
        }
        var criteria = BehaviorCriteria()
        if let manifest { criteria.manifest = try CapabilityManifest(contentsOf: URL(filePath: manifest)) }
        try requireUse(of: criteria.manifest, in: suites)
        let chats = try models.map { folder in
            var chat = try ChatModel(
                contentsOf: modelFolder(folder), variables: variables.values, base: base)
            scoring.prepare(&chat.model)
            return chat
        }
        try variables.check(chats.map(\.format))
        // Said, or refused, before the first answer.
        var leftOut: [BehaviorReport.LeftOut] = []
        for (folder, chat) in zip(models, chats) {
            for place in suites.indices {
                leftOut += try leaveOutLongPrompts(of: &suites[place], chat, named: folder)
            }
        }
        let respondents = zip(models, chats).map { $1.respondent(named: $0, maxTokens: maxTokens ?? 256) }
        let judge = try rewardModel.map { folder in
            var judge = try ChatRewardModel(contentsOf: modelFolder(folder), base: base)
            judge.model.body.precision = scoring.precision.precision
            return judge.judge(named: folder)
        }
        let evaluation = BehaviorEvaluation(suites: suites, criteria: criteria, judge: judge)
        var report = try await evaluation.report(on: respondents, sharing) { done, all in
            if done % 50 == 0 || done == all {
                standardError("\(grouped(done)) of \(counted(all, "answer"))\n")
            }
        }
        report.leftOut = leftOut
        for (place, chat) in chats.enumerated() {
            for name in environment { try await add(name, chat, to: &report, place, sharing) }
        }
        return report
    }

    /// Has a model act in an environment, greedily; the tasks are the same for every model.
    private func add(
        _ name: EnvironmentName, _ chat: ChatModel, to report: inout BehaviorReport, _ model: Int,
        _ sharing: WorkSharing
    ) async throws {
        let played = try await chat.episodes(
            in: name.world(pool: .heldOut), episodes ?? 200, maxTokens: maxTokens ?? 256,
            using: RandomSource(seed: 0), sharing)
        let failed = played.enumerated().filter { $0.element.episode.outcome?.isSuccess != true }
        let examples = failed.prefix(BehaviorReport.examplesPerSuite).map { number, played in
            let said = played.conversation.messages
            return BehaviorReport.Example(
                suite: name.name, item: "episode \(number + 1)",
                prompt: said.first { $0.role == .user }?.content ?? "",
                response: said.last { $0.role == .assistant }?.content ?? "")
        }
        report.add(
            played.map(\.episode).behavior(suite: name.name), examples: examples, to: model)
        standardError(
            "\(report.models[model].name): \(counted(played.count, "episode")) of \(name.name)\n")
    }

    /// Refuses suites that cannot be measured without the options that are missing, and options that no suite needs.
    private func requireUse(of manifest: CapabilityManifest?, in suites: [BehaviorSuite]) throws {
        var compares = false
        var isManifestUsed = false
        for suite in suites {
            for item in suite.items {
                switch item.check {
                case .helpfulness: compares = true
                case .impossibleAction(let name):
                    guard let manifest else {
                        throw ValidationError(
                            "\(suite.name), \(item.id): what the assistant cannot do is not known without --manifest."
                        )
                    }
                    if let name, manifest.action(named: name) == nil {
                        throw BehaviorSuiteError.unreadable(
                            file: self.manifest ?? suite.name,
                            reason: "\(suite.name), \(item.id): the manifest has no action '\(name)'")
                    }
                    isManifestUsed = true
                default: break
                }
            }
        }
        try refuse(
            "--manifest", if: manifest != nil && !isManifestUsed,
            "no suite asks for what the assistant cannot do")
        try refuse(
            "--reward-model", if: rewardModel != nil && !compares, "no suite has prompts of kind helpfulness")
        let count = suites.flatMap(\.items).count { $0.check == .helpfulness }
        if rewardModel == nil, count > 0 {
            standardError(
                "\(counted(count, "prompt")) of kind helpfulness: answers are compared with --reward-model, and not without\n"
            )
        }
    }

    /// Leaves out prompts that leave a model no room to answer, of all models alike, says which and returns them.
    private func leaveOutLongPrompts(
        of suite: inout BehaviorSuite, _ chat: ChatModel, named folder: String
    ) throws -> [BehaviorReport.LeftOut] {
        let context = chat.model.configuration.contextLength
        let counts = try suite.items.map { try chat.format.prompt($0.conversation).count }
        let long = zip(suite.items, counts).filter { $1 >= context }
        guard let first = long.first else { return [] }
        guard long.count < suite.items.count else {
            throw BehaviorSuiteError.promptTooLong(
                suite: suite.name, item: first.0.id, tokens: first.1, context: context)
        }
        let shown = long.prefix(5).map { "\($0.id) (\($1))" }.joined(separator: ", ")
        standardError(
            "\(suite.name): \(grouped(long.count)) of \(counted(suite.items.count, "prompt")) left out, which \(folder) has no "
                + "room for in its context of \(counted(context, "token")): \(shown)\(long.count > 5 ? ", …" : "")\n"
        )
        suite.items = zip(suite.items, counts).filter { $1 < context }.map(\.0)
        return long.map { [name = suite.name] item, tokens in
            .init(suite: name, item: item.id, model: folder, tokens: tokens, context: context)
        }
    }
}
