import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// The time and memory of a run, estimated from a few of its steps.
///
/// Memory grows a little while steps of other shapes come by, so there are as many of them as fit in two seconds, at least
/// two and at most twelve; the largest is the first.
struct Rehearsal {
    /// Seconds for each token that goes through the model.
    let secondsPerToken: Double
    /// The greatest amount of memory held, bytes.
    let peakMemory: Int
    /// The number of steps taken.
    let steps: Int
}

extension TrainingRun {
    /// Takes the first steps on a state that is then discarded, and estimates the time and memory of the run.
    func rehearse() throws {
        var state = try makeState()
        let plan = plan(state.method)
        var need = plan.need
        need.isAveraged = options.ema != nil
        try need.check()
        try checkFigures(of: state)
        do {
            announce(plan, try rehearsal(of: &state, steps: plan.steps))
        } catch is StoppedWithinStep {
            throw ExitCode(Interruption.outcome.rawValue)
        }
    }

    /// Takes the steps; the first warms up, the others are timed.
    private func rehearsal(of state: inout State, steps planned: Int) throws -> Rehearsal {
        let begin = ContinuousClock.now
        let most = min(12, planned)
        var (seconds, tokens, steps) = (0.0, 0, 0)
        let communicator = context.communicator
        while steps < most,
            steps < 2 || communicator.decisionOfFirst((ContinuousClock.now - begin).seconds < 2)
        {
            if communicator.isTrueOfAny(context.interruption.isRequested) { throw StoppedWithinStep() }
            let stepBegin = ContinuousClock.now
            let step = steps == 0 ? largestStep ?? step : step
            let count = try state.take(step).tokens
            if steps == 1 { (seconds, tokens) = (0, 0) }
            seconds += (ContinuousClock.now - stepBegin).seconds
            tokens += count
            steps += 1
        }
        return Rehearsal(
            secondsPerToken: seconds / Double(max(1, tokens)), peakMemory: ProcessMemory.peak, steps: steps)
    }
}
