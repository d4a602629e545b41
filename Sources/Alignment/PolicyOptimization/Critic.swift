import LanguageModel
import NeuralCore

/// The time at which the reward of a completion arrives.
public enum RewardArrival: String, Sendable, Hashable, Codable {
    /// With its last token.
    case lastToken
    /// In a state of its own after the end, where a completion has ended before the longest of its rollout: as in TRL.
    case afterEnd
}

/// The states of every completion of a rollout, which a critic values.
///
/// A state stands before each token. Where rewards arrive after the end, a completion that has ended and is
/// not the longest has one more, after its last token.
struct CriticStates: Sendable {
    /// True for completions with a state after their last token, `[completions]`.
    let hasFinal: [Bool]

    init(_ rollout: Rollout, _ arrival: RewardArrival) {
        let longest = rollout.lengths.max() ?? 0
        hasFinal = rollout.completions.map {
            arrival == .afterEnd && $0.isEnded && $0.drawnCount < longest
        }
    }

    /// The rows of a part at which its states stand: those of its targets, then the final ones.
    func rows(of part: RolloutPart) -> [Int32] {
        part.batch.tokens.targets.map(\.row) + finals(of: part).map { part.lastRows[$0] }
    }

    /// Numbers by state of the whole rollout in the order of `rows(of:)`.
    func picked(_ values: StateValues, by part: RolloutPart) -> Tensor {
        Tensor(
            part.targets.map { values.tokens[Int($0)] }
                + finals(of: part).map { values.finals[part.completions[$0]] })
    }

    /// For each state of a part, in the order of `rows(of:)`: 1 where its completion is one to learn from, else 0.
    func shares(of part: RolloutPart, isTrained: [Bool]) -> Tensor {
        let completions = part.batch.tokens.sequenceOfTarget.map(Int.init) + finals(of: part)
        return Tensor(completions.map { isTrained[part.completions[$0]] ? 1 : 0 })
    }

    /// The number of states of some completions.
    func count(_ numbers: [Int], in rollout: Rollout) -> Int {
        numbers.reduce(0) { $0 + rollout.completions[$1].drawnCount + (hasFinal[$1] ? 1 : 0) }
    }

    private func finals(of part: RolloutPart) -> [Int] {
        part.completions.indices.filter { hasFinal[part.completions[$0]] }
    }

    /// The values of all states under a critic.
    ///
    /// - Parameter sharing: The processes that share the computation out.
    func values(
        of rollout: Rollout, under critic: RewardModel, rowsAtOnce: Int, _ sharing: WorkSharing
    ) -> StateValues {
        var values = StateValues(rollout)
        let parts = rollout.parts(rowsAtOnce: rowsAtOnce, atLeast: sharing.parts, keepsLastRow: true)
        let figures = sharing.shared(parts.count) { part in
            PartFigures(critic.values(at: rows(of: parts[part]), on: parts[part].batch).scalars)
        }
        for (part, figures) in zip(parts, figures) {
            let found = figures.floats
            for (place, target) in part.targets.enumerated() { values.tokens[Int(target)] = found[place] }
            for (place, number) in finals(of: part).enumerated() {
                values.finals[part.completions[number]] = found[part.targets.count + place]
            }
        }
        return values
    }
}

/// A number for each state of a rollout.
struct StateValues: Sendable {
    /// Of the states before tokens, `[targets]`.
    var tokens: [Float]
    /// Of the states after the end, `[completions]`; zero where there is none.
    var finals: [Float]

    init(_ rollout: Rollout) {
        tokens = [Float](repeating: 0, count: rollout.targetCount)
        finals = [Float](repeating: 0, count: rollout.completions.count)
    }
}

/// The values that a critic had in the states of a rollout, and those that it should have had.
struct CriticTargets: Sendable {
    let states: CriticStates
    let values: StateValues
    let returns: StateValues
}

extension RewardModel {
    /// The values of rows of a batch, `[rows]`. Differentiable.
    func values(at rows: [Int32], on batch: CompletionBatch) -> Tensor {
        let hidden = body(batch.tokens.tokens, over: batch.tokens.forest).rows(at: rows)
        return score(hidden).reshaped(to: [rows.count])
    }
}

/// An update of a critic, with its findings.
struct CriticUpdate: Sendable {
    let report: StepReport
    /// Half the mean squared error, before any weight.
    let loss: Float
    /// The share of states where clipping made the error greater.
    let clippedShare: Float
}

extension Training where Model == RewardModel {
    /// Moves a critic toward the returns of the completions that are to be learned from.
    ///
    ///     L = w / 2 · mean of max((V − R)², (clip(V, V_old ± ε) − R)²)
    ///
    /// - SeeAlso: [Schulman et al. 2017](https://arxiv.org/abs/1707.06347), Eq. 9; clipped as in OpenAI's
    ///   implementation.
    mutating func update(
        on rollout: Rollout, _ targets: CriticTargets, isTrained: [Bool], groups: [Int], weight: Float,
        clipRange: Float?, rowsAtOnce: Int
    ) -> CriticUpdate {
        let states = targets.states
        let numbers = groups.flatMap { Array(rollout.numbers(of: $0)) }
        let trained = numbers.filter { isTrained[$0] }
        let count = Float(max(1, states.count(trained, in: rollout)))
        let parts = rollout.parts(
            of: groups, rowsAtOnce: rowsAtOnce, atLeast: sharing.parts, keepsLastRow: true)
        let tokens = parts.reduce(0) { $0 + $1.batch.tokens.tokens.count }
        let step = step(tokens: tokens, parts: parts.count) { critic, index, figures in
            let part = parts[index]
            var clipped: Float = 0
            let values = critic.values(at: states.rows(of: part), on: part.batch)
            let wanted = states.picked(targets.returns, by: part)
            let shares = states.shares(of: part, isTrained: isTrained)
            var losses = (values - wanted).squared()
            if let clipRange {
                let before = states.picked(targets.values, by: part)
                let held = (values - before).clipped(to: -clipRange...clipRange) + before
                let other = (held - wanted).squared()
                clipped = ((other .> losses) * shares).sum().item()
                losses = maximum(losses, other)
            }
            let loss = (losses * shares).sum() * (0.5 / count)
            figures = PartFigures([loss.item(), clipped])
            return loss * weight
        }
        var (error, clipped): (Float, Float) = (0, 0)
        for part in step.figures {
            error += Float(part.numbers[0])
            clipped += Float(part.numbers[1])
        }
        return CriticUpdate(report: step.report, loss: error, clippedShare: clipped / count)
    }
}
