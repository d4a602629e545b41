import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone distill`: teaches a student to predict as a teacher does.
struct DistillCommand: TrainingCommand {
    static let title = "Knowledge distillation"
    static let defaults = TrainingDefaults(learningRate: 2e-5, muonLearningRate: 0.02)
    static let configuration = CommandConfiguration(
        commandName: "distill",
        abstract: "Teach a student to predict as a teacher does, on given replies and on its own (GKD).",
        discussion: paragraphs(
            """
            Records are conversations ({"messages":[…]}), prompts with completions, or plain text. In a share of the
            steps, --lambda, the student itself replies to the prompts, and learns from what the teacher would have said at
            each token of its reply; in the others it learns along the replies that are given. The loss is the divergence
            between the two distributions over the whole vocabulary, chosen by --beta. A text that is learned whole has no
            prompt, and is left out where the student replies.

            Teacher and student read the same tokens. A teacher with another tokenizer teaches by what it writes, which is
            what a student is tuned on then:

              hone generate --model teacher --data questions.jsonl --records --output taught.jsonl
              hone sft --model student --data taught.jsonl --output better

            \(defaults.paragraph(each: "record", "; for a small model made from nothing, 3e-4 and more"))

              hone distill --model student --teacher teacher --data conversations.jsonl --output better
              hone distill --model small --teacher large --data pages.jsonl --lambda 0 --beta 0 --output better
            """))

    @OptionGroup var data: DataOptions
    @OptionGroup var training: TrainingOptions

    @Option(
        help: ArgumentHelp("The folder of the model to learn from.", valueName: "dir"), completion: .model)
    var teacher: String

    @Option(
        help: ArgumentHelp(
            "The share of the steps in which the student's own replies are learned from, 0 to 1; 0.5 unless given, and 0 "
                + "where no record has a prompt.", valueName: "x"))
    var lambda: Float?

    @Option(
        help: ArgumentHelp(
            "The divergence, 0 to 1: at 0 the KL of the teacher to the student, at 0.5 Jensen–Shannon, at 1 the KL of the "
                + "student to the teacher.", valueName: "x"))
    var beta: Float = 0.5

    @Option(
        help: ArgumentHelp("Divides the logits, in sampling and in the loss.", valueName: "x"))
    var temperature: Float = 1

    @Option(help: ArgumentHelp("The most tokens of a reply of the student.", valueName: "n"))
    var maxTokens = 128

    func validate() throws {
        try check("--lambda", lambda, .fraction)
        try check("--beta", beta, .fraction)
        try check("--temperature", temperature, .positive)
        try check("--max-tokens", maxTokens, in: 1...Most.tokens)
    }

    func run(_ context: CommandContext) throws -> RunResult? {
        let examples = try ExampleData(
            data, training, defaults: Self.defaults, others: [teacher]
        ) { reader, files in try reader.demonstrations(files) }
        var command = self
        command.lambda = try share(of: examples)
        let lambda = command.lambda ?? 0
        let taught = try model(for: examples, repliesTo: lambda > 0)
        let rollouts = RolloutSettings(
            groupSize: 1, maxTokens: maxTokens, stopTokens: examples.start.chat.format.stopTokens,
            temperature: temperature)
        var run = try TrainingRun(
            command, on: examples, reading: ["teacher_weights": Fingerprint(of: taught).text],
            noun: "record", context
        ) {
            var distillation = Distillation(
                examples.start.policy, teacher: taught, rollouts: rollouts, beta: beta, lambda: lambda,
                optimizer: examples.settings.optimizer, schedule: examples.settings.schedule,
                maxGradientNorm: examples.settings.maxGradientNorm)
            distillation.seed = training.seed
            return distillation
        }
        guard lambda > 0 else { return try run.run() }
        // A step that was stopped within its replies begins anew, to the same result.
        run.step = { method, batches in
            var following = batches
            let report = try method.step(on: following.next() ?? []) {
                if context.stopsWithinStep { throw StoppedWithinStep() }
            }
            batches = following
            return report
        }
        // The longest records with replies that do not end take the most memory.
        let largest = examples.batches.survey(of: examples.settings.steps).largest
        run.largestStep = { method, batches in
            let kept = (method.lambda, method.rollouts.stopTokens)
            (method.lambda, method.rollouts.stopTokens) = (1, [])
            defer { (method.lambda, method.rollouts.stopTokens) = kept }
            batches.move(to: largest)
            return method.step(on: batches.next() ?? [])
        }
        return try run.run()
    }

    /// The share of the steps on replies of the student, which needs prompts.
    private func share(of examples: ExampleData<SupervisedTokens>) throws -> Float {
        guard !examples.list.contains(where: { !$0.lastPrompt.isEmpty }) else { return lambda ?? 0.5 }
        guard (lambda ?? 0) == 0 else {
            throw TrainingRunError.noExamples(
                file: data.data.joined(separator: ", "),
                reason:
                    "no record has a prompt that the student could reply to; --lambda 0 learns from texts as they are"
            )
        }
        return 0
    }

    /// The teacher, which must read the student's tokens and know as many.
    private func model(for examples: ExampleData<SupervisedTokens>, repliesTo: Bool) throws -> Transformer {
        let student = examples.start.chat
        let texts = Array(examples.list) + examples.held
        let longest = texts.map(\.count).max() ?? 0
        let reply = repliesTo ? (texts.map { $0.lastPrompt.count }.max() ?? 0) + maxTokens : 0
        let context = max(longest, min(reply, student.model.configuration.contextLength))
        let folder = try modelFolder(teacher)
        var taught: Transformer
        do throws(ChatModelError) {
            taught = try student.format.languageModel(
                contentsOf: folder, context: context, base: examples.start.adapterBase)
        } catch {
            switch error {
            case .misfit(.vocabulary(let tokens, let known, let name)):
                let figures = "the student's tokenizer has \(tokens) tokens, and the teacher knows \(known)"
                throw TeacherError(problem: "\(name): \(figures)")
            case .misfit(.tokenizers): throw TeacherError(problem: "\(error)")
            default: throw error
            }
        }
        try student.model.configuration.check(teacher: taught.configuration, name: teacher)
        taught.precision = examples.settings.precision
        return taught
    }
}

/// A teacher that reads other tokens than its student.
private struct TeacherError: CommandError, CustomStringConvertible {
    let problem: String

    var description: String {
        "\(problem); such a teacher teaches by text: hone generate --records has it answer, and hone sft learns that"
    }
    var outcome: Outcome { .badData }
}
