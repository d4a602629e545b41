import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

extension BehaviourSuiteError: CommandError {
    var outcome: Outcome { .badData }
}

/// What is measured of how models behave.
struct BehaviourOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Files of prompts with what a good answer must do: behaviour suites.", valueName: "file"))
    var suite: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the assistant can and cannot do, for the suites of kind limits.", valueName: "file"))
    var manifest: String?

    @Option(
        help: ArgumentHelp(
            "A reward model that compares answers with those of the first model, for win rates.",
            valueName: "dir"))
    var rewardModel: String?

    @Option(help: ArgumentHelp("The most tokens of an answer.", valueName: "n"))
    var maxTokens = 256

    func validate() throws {
        guard maxTokens >= 1 else { throw ValidationError("--max-tokens must be at least 1.") }
    }

    /// Has models answer every prompt of every suite, greedily.
    func report(on models: [String]) async throws -> BehaviourReport {
        for file in suite + [manifest].compactMap(\.self)
        where !FileManager.default.fileExists(atPath: file) {
            throw FileError.missing(file: file)
        }
        let suites = try suite.map { try BehaviourSuite(contentsOf: URL(filePath: $0)) }
        var criteria = BehaviourCriteria()
        if let manifest { criteria.manifest = try CapabilityManifest(contentsOf: URL(filePath: manifest)) }
        let respondents = try models.map { try respondent($0) }
        let evaluation = BehaviourEvaluation(
            suites: suites, criteria: criteria, judge: try rewardModel.map { try judge($0) })
        return try await evaluation.report(on: respondents) { done, all in
            if done % 50 == 0 || done == all { standardError("\(done) of \(all) answers\n") }
        }
    }

    /// A model that answers.
    private func respondent(_ folder: String) throws -> Respondent {
        let files = try ModelFiles(folder)
        let maxTokens = maxTokens
        let stop = Set([files.endOfTurn].compactMap(\.self))
        return Respondent(folder) { conversation in
            let text = try PromptRecord(.messages(conversation.messages), tools: conversation.tools)
                .promptText(files.template)
            var decoding = Decoding(
                files.model, prompts: [files.tokenizer.encode(text)], sampling: .greedy, stopTokens: stop,
                maxTokens: maxTokens, using: RandomSource(seed: 0))
            while !decoding.isFinished { decoding.step() }
            let answer = decoding.sequences[0]
            let mean = answer.logProbabilities.reduce(0, +) / Float(max(1, answer.tokens.count))
            return Response(
                files.tokenizer.decode(answer.tokens.filter { !stop.contains($0) }),
                probability: Double(exp(mean)))
        }
    }

    /// A reward model that says which of two answers is better.
    private func judge(_ folder: String) throws -> Judge {
        let files = try JudgeFiles(folder)
        return { conversation, first, second in
            let prompt = files.tokenizer.encode(
                try PromptRecord(.messages(conversation.messages), tools: conversation.tools)
                    .promptText(files.template))
            let rewards = files.model.rewards(
                of: [first, second].map { prompt + files.tokenizer.encode($0.text) + files.end })
            return rewards[0] == rewards[1] ? .neither : rewards[0] > rewards[1] ? .first : .second
        }
    }
}

/// A reward model with its tokenizer and template.
private struct JudgeFiles {
    let model: RewardModel
    let tokenizer: BytePairTokenizer
    let template: ChatTemplate
    /// The end of a turn.
    let end: [Int32]

    init(_ path: String) throws {
        let folder = URL(filePath: path)
        guard FileManager.default.fileExists(atPath: path) else { throw LikelihoodError.missing(file: path) }
        model = try ModelDirectory(folder).rewardModel()
        let tokenizer = try BytePairTokenizer(contentsOf: folder.appending(component: "tokenizer.json"))
        self.tokenizer = tokenizer
        template = try ChatTemplate(directory: folder).with(
            specialTokens: tokenizer.specialTokens.map(\.content))
        end = template.tokens["eos_token"].flatMap { tokenizer.id(ofAddedToken: $0) }.map { [$0] } ?? []
    }
}
