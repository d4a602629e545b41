import ArgumentParser

/// `hone`: pre-trains and post-trains language models on the machine you have.
@main
struct Hone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hone",
        abstract: "Pre-train and post-train language models on the machine you have.",
        version: "hone \(version)",
        subcommands: [
            CorpusCommand.self, TokenizerCommand.self, PretrainCommand.self, SFTCommand.self,
            RewardCommand.self, DPOCommand.self, KTOCommand.self, ORPOCommand.self, CPOCommand.self,
            PPOCommand.self, GRPOCommand.self, RLOOCommand.self, GenerateCommand.self, ChatCommand.self,
            ScoreCommand.self, ClassifyCommand.self, EvaluateCommand.self, InspectCommand.self,
            MergeCommand.self, ExportCommand.self,
            QuickstartCommand.self,
        ])

    /// The version of the command and its libraries.
    static let version = "0.1.0"

    static func main() async {
        await main(nil)
        do {
            try reportingErrors { try finishPrinting() }
        } catch {
            exit(withError: error)
        }
    }
}
