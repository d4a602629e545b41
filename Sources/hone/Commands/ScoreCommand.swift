import ArgumentParser
import Foundation
import LanguageModel

/// `hone score`: how probable given texts are, or how a reward model values them.
struct ScoreCommand: ParsableCommand, SharedCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Print how probable a model finds given texts, or what a reward model gives them.",
        discussion: paragraphs(
            """
            Each record of FILE (or line of standard input) is {"text":…} or
            {"prompt":…,"completion":…}. For each, the number of predicted tokens and
            the natural logarithm of their probability: of a text from its second token
            on, of a completion given its prompt. With --json as
            {"tokens":n,"log_probability":x}.

            With a reward model: the reward of each text, of each completion of a
            prompt, or of each conversation {"messages":…} as the model's chat template
            writes it. With --json as {"reward":x}. Several reward models, with --model
            repeated, judge together, each with its own tokenizer and template. Rewards
            and margins differ in rounding from those that training prints, which
            multiplies in bfloat16; --precision bfloat16 computes them as training does.

              echo '{"prompt":"The cat sat on the","completion":" mat"}' | hone score --model model --json
            """))

    @Option(
        help: ArgumentHelp(
            "The model's folder, with its tokenizer.json; may be repeated for reward models.",
            valueName: "dir"
        ), completion: .model)
    var model: [String]

    @OptionGroup var combination: RewardCombinationOption

    @OptionGroup var scoring: ScoringOptions

    @OptionGroup var names: ColumnOptions

    @Flag(help: "Print one line of JSON for each record.")
    var json = false

    @Argument(
        help: ArgumentHelp(
            "The records to score: JSON Lines, a table, or the folder of a data set, of which its split test is read or the "
                + "only one it has; JSON Lines of standard input without it."), completion: .file())
    var file: String?

    /// A text, or a prompt with a completion.
    private enum Record: Decodable {
        case text(String)
        case completion(String, prompt: String)

        private enum Key: CodingKey { case text, prompt, completion }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Key.self)
            if let text = try keys.decodeIfPresent(String.self, forKey: .text) {
                self = .text(text)
            } else {
                self = .completion(
                    try keys.decode(String.self, forKey: .completion),
                    prompt: try keys.decode(String.self, forKey: .prompt))
            }
        }

        func query(_ scorer: TextScorer) -> PromptedCompletions {
            switch self {
            case .text(let text): scorer.query(text: text)
            case .completion(let completion, let prompt):
                scorer.query(prompt: prompt, completions: [completion])
            }
        }
    }

    private struct Line: Encodable {
        var tokens: Int
        var log_probability: Double
    }

    private var records: ScoredRecords { ScoredRecords(path: file, columns: names.columns) }

    func validate() throws { try combination.check(models: model.count, named: "--model") }

    func run() throws {
        try reportingErrors {
            let base = try scoring.base.folder(for: model)
            let kinds = try model.map { try ModelDirectory(modelFolder($0)).contents() }
            if kinds.allSatisfy({ $0 == .rewardModel || $0 == .rewardAdapter }) {
                let rewards = try RewardScoring(model, combining: combination, scoring, base: base)
                scoring.announceArithmetic()
                return try rewards.run(on: records, json: json)
            }
            guard model.count == 1 else {
                throw ValidationError("--model may be repeated where all of them are reward models.")
            }
            let scorer = try scoring.scorer(model[0], base: base)
            scoring.announceArithmetic()
            if !json { try standardOutput("tokens  log-probability  nats/token  perplexity\n".utf8) }
            let output = SharedOutput()
            try records.forEachBatch(
                of: Record.self, expected: "{\"text\":…} or {\"prompt\":…,\"completion\":…} with strings"
            ) { records, _, _ in
                try output.piece {
                    for score in scorer.scores(of: records.map { $0.query(scorer) }).joined() {
                        if json {
                            try printJSON(Line(tokens: score.tokens, log_probability: score.logProbability))
                        } else {
                            let isEmpty = score.tokens == 0
                            let line = String(
                                format: "%6d  %15.4f  %10.4f  %10.2f\n", score.tokens, score.logProbability,
                                isEmpty ? 0.0 : score.natsPerToken, isEmpty ? 1.0 : score.perplexity)
                            try standardOutput(line.utf8)
                        }
                    }
                }
            }
            try output.finish()
        }
    }
}
