import Formatting
import NeuralCore

/// The current stage of a quickstart, and the remaining time of all stages.
struct QuickstartProgress {
    /// The stages in their order, by the folders of their models where they make one.
    enum Stage: String, CaseIterable, CustomStringConvertible {
        case world, corpus, tokenizer, base, sft, reward, dpo, ppo, shown, acting, evaluation

        /// About what part of the whole time it takes, in percent, whatever the budget: measured with `--minutes 1`.
        var share: Double {
            switch self {
            case .tokenizer: 0
            case .world, .corpus: 1
            case .base: 21
            case .sft: 34
            case .reward: 10
            case .dpo: 13
            case .ppo: 16
            case .shown: 3
            case .acting: 12
            case .evaluation: 4
            }
        }

        /// The file or folder that is there when the stage is done, below the quickstart's folder; nil where it is always run.
        var product: String? {
            switch self {
            case .world, .corpus: rawValue
            case .tokenizer: "tokenizer.json"
            case .base, .sft, .reward, .dpo, .ppo, .shown, .acting: "\(rawValue)/report.html"
            case .evaluation: nil
            }
        }

        var description: String { rawValue }
    }

    /// Seconds of the stages that were run, and their part of the whole time, percent.
    private var (seconds, share) = (0.0, 0.0)
    /// Seconds that a percent of the whole takes, as measured before the first stage; nil where nothing was.
    private var expected: Double?
    private static let least = 5.0

    /// Looks at how long everything will take that is not done yet, and says so.
    ///
    /// - Parameters:
    ///   - done: The stages that are done.
    ///   - measure: Measures the machine; it is called where enough is left to do.
    /// - Returns: The sentence; nil where little is left to do.
    mutating func expect(after done: Set<Stage>, _ measure: () -> QuickstartRehearsal) -> String? {
        let left = Stage.allCases.filter { !done.contains($0) }.reduce(0) { $0 + $1.share }
        guard left >= Self.least else { return nil }
        let measured = measure()
        let expected = measured.pretrainingSeconds / Stage.base.share
        self.expected = expected
        return
            "about \(NumberStyle.clock.string(expected * left)) and "
            + "\(NumberStyle.memory.string(Double(measured.peakMemory))) of memory on this machine, by \(counted(measured.steps, "step")) measured"
    }

    /// Takes note of how long a stage took.
    mutating func note(_ stage: Stage, seconds: Double) {
        self.seconds += seconds
        share += stage.share
    }

    /// The line before a stage, with the time left in all: as measured before the first stage, until stages have shown how
    /// fast the machine is.
    func heading(of stage: Stage) -> String {
        let all = Stage.allCases
        let number = (all.firstIndex(of: stage) ?? 0) + 1
        let left = all[(number - 1)...].reduce(0) { $0 + $1.share }
        let pace = share < Self.least ? expected : seconds / share
        let time = pace.map { ", about \(NumberStyle.clock.string($0 * left)) left in all" } ?? ""
        return "\nstage \(number) of \(all.count): \(stage)\(time)\n"
    }
}
