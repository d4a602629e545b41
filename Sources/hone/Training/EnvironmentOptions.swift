import Alignment
import ArgumentParser
import LanguageModel
import NeuralCore

/// A built-in environment by its name.
enum EnvironmentName: String, ExpressibleByArgument, CaseIterable, Encodable {
    case calculator
    case store
    case folder
    case postOffice = "post-office"

    /// The environment, before it is reset.
    var world: any SolvableEnvironment {
        switch self {
        case .calculator: Calculator()
        case .store: KeyValueStore()
        case .folder: FileFolder()
        case .postOffice: PostOffice()
        }
    }

    /// Episodes as someone plays them who knows the environment, in JSON Lines.
    func demonstrations(_ count: Int, seed: UInt64) throws -> String {
        let world = world
        return try waiting {
            var (random, lines) = (RandomSource(seed: seed), "")
            for _ in 0..<count {
                lines += await world.demonstration(using: &random).json.text(.compact) + "\n"
            }
            return lines
        }
    }

    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The environment in which a model acts instead of answering prompts.
struct EnvironmentOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "Let the model act in a built-in environment instead of answering --data: \(EnvironmentName.list). "
                + "--batch counts its tasks, and --max-tokens those of an episode.",
            valueName: "name"))
    var environment: EnvironmentName?

    @Option(help: ArgumentHelp("The most turns of the model in an episode; 8 unless given.", valueName: "n"))
    var maxTurns: Int?

    static let usualTurns = 8

    func validate() throws {
        try refuse("--max-turns", if: maxTurns != nil && environment == nil, "it needs --environment")
        try check("--max-turns", maxTurns, in: 1...Most.rounds)
    }

    /// The options with defaults filled in.
    var filled: EnvironmentOptions {
        var filled = self
        if environment != nil { filled.maxTurns = maxTurns ?? Self.usualTurns }
        return filled
    }
}

extension EpisodeError: CommandError {
    var outcome: Outcome { .badData }
}
