import Alignment
import BuiltInWorld
import Conversations
import Formatting
import JSON
import LanguageModel
import NeuralCore
import Reports

/// What an assistant does about errands in the town that it has never seen, by the state of the tool that each takes.
struct QuickstartErrands {
    /// An errand as the assistant went about it.
    struct Played {
        let episode: Episode
        let conversation: Conversation

        var isDone: Bool { episode.outcome?.isSuccess == true }
    }

    /// The name of the assistant for people.
    let title: String
    /// The same errands for each state of the tool.
    private let played: [ErrandEpisode.Service: [Played]]

    /// Has an assistant go about as many errands as are asked for, three times: the tool works, fails, and is not there.
    init(_ title: String, _ chat: ChatModel, in world: World, count: Int) throws {
        self.title = title
        var played: [ErrandEpisode.Service: [Played]] = [:]
        for service in ErrandEpisode.Service.allCases {
            let errands = TownErrands(of: world, pool: .heldOut, service: service)
            played[service] = try waiting {
                try await chat.episodes(
                    in: errands, count, turns: 4, maxTokens: 160, using: RandomSource(seed: world.seed)
                ).map { Played(episode: $0.episode, conversation: $0.conversation) }
            }
        }
        self.played = played
    }

    /// The errands where the tool is in a state.
    func errands(_ service: ErrandEpisode.Service) -> [Played] { played[service] ?? [] }

    /// A share of the errands where the tool is in a state.
    struct Measure: Sendable {
        let name: String
        let service: ErrandEpisode.Service
        var direction = Direction.higherIsBetter
        let isCounted: @Sendable (EpisodeOutcome) -> Bool?
    }

    /// The measures, in the order of the table.
    static let measures = [
        Measure(name: "does it with the tool", service: .open) { $0.isSuccess },
        Measure(name: "says that the tool failed", service: .closed) { $0.isSuccess },
        Measure(name: "declines without the tool", service: .absent) { $0.isSuccess },
        Measure(name: "makes up a deed or fact", service: .absent, direction: .lowerIsBetter) {
            $0.claimedWithoutCall
        },
    ]

    /// A measure of this assistant.
    func proportion(_ measure: Measure) -> Proportion {
        let counted = errands(measure.service).compactMap { $0.episode.outcome.flatMap(measure.isCounted) }
        return Proportion(hits: counted.count { $0 }, of: counted.count)
    }

    /// The measures of some assistants, for the terminal.
    static func text(_ assistants: [QuickstartErrands]) -> String {
        let rows = measures.map { measure in
            (measure.name, assistants.map { $0.proportion(measure).share.map { fixed(100 * $0, 1) } ?? "–" })
        }
        return BehaviorTable.text("errands, %", assistants.map(\.title), rows)
    }
}

extension QuickstartReport {
    /// What giving an assistant tools changes.
    var tools: Section {
        Section(
            "Given a tool", label: "Tools",
            [
                .paragraph(
                    "Wren can't post letters, and says so. Here the town's post office and its register are tools that can be called. "
                        + "\(errands.first?.title ?? "") was never told of tools; errands are shown to it, and then it tries for itself (GRPO), rewarded for what it does and says in the end."
                ),
                .table(errandTable),
            ] + errandComparisons + [
                .commands(stages.filter { Self.toolStages.contains($0.name) }.map(\.line))
            ])
    }

    private var errandTable: Table {
        let rows = QuickstartErrands.measures.map { measure in
            Table.Row(
                measure.name, direction: measure.direction,
                estimates: errands.map { $0.proportion(measure).estimate })
        }
        return Table(
            "Errands that no training text has", columns: errands.map(\.title), rows: rows,
            note:
                "Shares of \(errands.first?.errands(.open).count ?? 0) errands with 95 % intervals: letters to people of the town, and questions about people whom only the register knows, "
                + "or nobody. Each is played three times: the tool works, fails, and is not there.")
    }

    /// The same letter with the tool and without it, before and after: the first that shows the most of it.
    private var errandComparisons: [Block] {
        guard let before = errands.first, let after = errands.last else { return [] }
        let cases = [(service: ErrandEpisode.Service.open, name: "with the tool"), (.absent, "without it")]
        // An errand that left an assistant no room was not played by it.
        let shared =
            cases.flatMap { [before.errands($0.service).count, after.errands($0.service).count] }.min() ?? 0
        let letters = (0..<shared).filter { place in
            after.errands(.open)[place].conversation.messages.contains { message in
                message.toolCalls.contains { $0.name == Errand.Tool.sendLetter.rawValue }
            }
        }
        func merit(_ place: Int) -> Int { cases.count { after.errands($0.service)[place].isDone } }
        let most = letters.map(merit).max()
        guard let place = letters.first(where: { merit($0) == most }) else { return [] }
        return [
            .comparison(
                Comparison(
                    "The same request with the tool and without it",
                    cases.flatMap { service, name in
                        [before, after].map {
                            transcript(of: $0.errands(service)[place], by: "\($0.title), \(name)")
                        }
                    }))
        ]
    }

    private func transcript(of played: QuickstartErrands.Played, by model: String) -> Transcript {
        Transcript(
            model: model,
            turns: played.conversation.messages.map { message in
                let calls = message.toolCalls.map { "\($0.name)(\($0.arguments.text(.compact)))" }
                return Transcript.Turn(
                    message.role.rawValue,
                    ([message.content] + calls).filter { !$0.isEmpty }.joined(separator: "\n"))
            },
            verdict: Verdict(played.isDone ? "right" : "not right", played.isDone ? .good : .bad))
    }
}
