/// The current stage of a quickstart, and the remaining time of all stages.
struct QuickstartProgress {
    /// The stages in their order, by the folders of their models where they make one.
    enum Stage: String, CaseIterable, CustomStringConvertible {
        case world, corpus, tokenizer, base, sft, reward, dpo, ppo, evaluation

        /// About what part of the whole time it takes, in percent, whatever the budget: measured with `--minutes 1`.
        var share: Double {
            switch self {
            case .tokenizer: 0
            case .world, .corpus: 1
            case .base: 22
            case .sft: 35
            case .reward: 10
            case .dpo: 14
            case .ppo: 13
            case .evaluation: 4
            }
        }

        var description: String { rawValue }
    }

    /// Seconds of the stages that were run, and their part of the whole time.
    private var (seconds, share) = (0.0, 0.0)
    private static let least = 5.0

    /// Takes note of how long a stage took.
    mutating func note(_ stage: Stage, seconds: Double) {
        self.seconds += seconds
        share += stage.share
    }

    /// The line before a stage. It includes the time left once a stage has shown how fast the machine is.
    func heading(of stage: Stage) -> String {
        let all = Stage.allCases
        let number = (all.firstIndex(of: stage) ?? 0) + 1
        let left = all[(number - 1)...].reduce(0) { $0 + $1.share }
        let time = share < Self.least ? "" : ", about \(Figures.duration(seconds * left / share)) left in all"
        return "\nstage \(number) of \(all.count): \(stage)\(time)\n"
    }
}
