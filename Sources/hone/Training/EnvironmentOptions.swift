import Alignment
import ArgumentParser
import BuiltInWorld
import LanguageModel
import NeuralCore

/// A built-in environment by its name: of a town, `town:SEED`.
enum EnvironmentName: ExpressibleByArgument, Encodable, Equatable {
    case calculator
    case store
    case folder
    case postOffice
    /// Errands in the built-in town of a seed.
    case town(seed: UInt64)

    private static let simple: KeyValuePairs<String, EnvironmentName> = [
        "calculator": .calculator, "store": .store, "folder": .folder, "post-office": .postOffice,
    ]

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts[0] == "town" {
            guard let seed = parts.count == 1 ? 1 : UInt64(parts[1]) else { return nil }
            self = .town(seed: seed)
        } else {
            guard let found = Self.simple.first(where: { $0.key == argument }) else { return nil }
            self = found.value
        }
    }

    /// The name as it is given.
    var name: String {
        if case .town(let seed) = self { return "town:\(seed)" }
        return Self.simple.first { $0.value == self }?.key ?? ""
    }

    static var allValueStrings: [String] { simple.map(\.key) + ["town", "town:SEED"] }

    static var defaultCompletionKind: CompletionKind { .list(simple.map(\.key) + ["town"]) }

    func encode(to encoder: any Encoder) throws { try name.encode(to: encoder) }

    /// The environment to learn in, before it is reset.
    var world: any SolvableEnvironment { world(pool: .training) }

    /// The environment, before it is reset.
    ///
    /// - Parameter pool: The names and wordings of a town's errands; the other environments have but one pool.
    func world(pool: Pool) -> any SolvableEnvironment {
        switch self {
        case .calculator: Calculator()
        case .store: KeyValueStore()
        case .folder: FileFolder()
        case .postOffice: PostOffice()
        case .town(let seed): TownErrands(of: World(seed: seed), pool: pool)
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

    static var list: String { allValueStrings.joined(separator: ", ") }
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
