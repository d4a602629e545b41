import ArgumentParser
import Foundation
import NeuralCore

/// `hone`: pre-trains and post-trains language models on the machine you have.
@main
struct Hone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone",
        abstract: "Pre-train and post-train language models on the machine you have.",
        version: "hone \(version)",
        subcommands: [
            Configured<CorpusCommand>.self, TokenizerCommand.self, Configured<PretrainCommand>.self,
            Configured<SFTCommand>.self, Configured<DistillCommand>.self, Configured<RewardCommand>.self,
            Configured<DPOCommand>.self,
            Configured<KTOCommand>.self, Configured<ORPOCommand>.self, Configured<CPOCommand>.self,
            Configured<PPOCommand>.self, Configured<GRPOCommand>.self, Configured<RLOOCommand>.self,
            Configured<GenerateCommand>.self, Configured<ChatCommand>.self, Configured<ScoreCommand>.self,
            Configured<ClassifyCommand>.self, Configured<EvaluateCommand>.self,
            Configured<CompareCommand>.self, Configured<LimitsCommand>.self,
            Configured<InspectCommand>.self, Configured<MergeCommand>.self, Configured<ExportCommand>.self,
            Configured<ServeCommand>.self, FeedbackCommand.self, Configured<InitCommand>.self,
            RunCommand<Hone>.self,
            Configured<WorldCommand>.self,
            Configured<QuickstartCommand>.self,
        ])

    /// The version of the command and its libraries.
    static let version = "0.1.0"

    static func main() async {
        Ranks.begin()
        let words = Array(CommandLine.arguments.dropFirst())
        var invocation: Invocation?
        do {
            let called = try reportingErrors { try Invocation(words) { CommandInterface(of: Hone.self) } }
            invocation = called
            var command = try await asyncParseAsRoot(called.words).unwrapped
            try reportingErrors { try checkRanks(command) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try reportingErrors { try finishPrinting() }
            Ranks.finish()
        } catch {
            let error = explained(error, invocation)
            guard Ranks.communicator.size > 1 else { exit(withError: error) }
            let (message, code) = (fullMessage(for: error), exitCode(for: error))
            if code == .success {
                if Ranks.isFirst { print(message) }
            } else if !message.isEmpty {
                Ranks.say(message + "\n")
            }
            Ranks.end(code: code.rawValue)
        }
    }

    /// Makes sure that a command was started on as many ranks as it can share its work among.
    private static func checkRanks(_ command: any ParsableCommand) throws {
        let ranks = Ranks.communicator.size
        guard ranks > 1, !(command is any SharedCommand) else { return }
        throw UnsharedCommand(command: type(of: command).configuration.commandName ?? "", ranks: ranks)
    }

    /// An error of usage with the place in a file that it comes from, or with the word that may have been meant.
    private static func explained(_ error: any Error, _ invocation: Invocation?) -> any Error {
        guard let invocation, exitCode(for: error) == .validationFailure else { return error }
        if let place = invocation.located(message(for: error)) {
            standardError("hone: \(place)\n")
            Ranks.letFirstSpeak()
            return ExitCode(Outcome.badData.rawValue)
        }
        guard let misspelling = Misspelling(in: invocation.words, of: CommandInterface(of: Hone.self)) else {
            return error
        }
        let usage = fullMessage(for: error).split(separator: "\n").drop { !$0.hasPrefix("Usage:") }
        standardError((["Error: \(misspelling.message)"] + usage).joined(separator: "\n") + "\n")
        Ranks.letFirstSpeak()
        return ExitCode.validationFailure
    }
}
