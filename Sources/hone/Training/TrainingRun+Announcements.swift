import Alignment
import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The messages of a run before its first step and after its last.
extension TrainingRun {
    /// Writes a line of the run's own.
    func note(_ text: String) { standardError("\(command): \(text)\n") }

    /// Announces the plan of the run, with its time and memory if they were measured.
    func announce(_ plan: TrainingPlan, _ rehearsal: Rehearsal?) {
        let moved =
            plan.trainedParameters == plan.parameters
            ? "" : ", of which \(grouped(plan.trainedParameters)) are trained"
        var lines = [
            "\(command): \(counted(plan.parameters, "parameter"))\(moved)",
            "  \(plan.data)",
            "  \(counted(plan.steps, "step")), \(counted(plan.tokens, "token"))",
            "  products in \(Arithmetic(plan.precision))",
        ]
        let seconds = rehearsal.map { $0.secondsPerToken * Double(plan.tokens) }
        if let rehearsal, let seconds {
            lines.append(
                "  about \(NumberStyle.clock.string(seconds)) and \(NumberStyle.memory.string(Double(rehearsal.peakMemory))) of memory, by "
                    + "\(counted(rehearsal.steps, "step")) measured")
        }
        standardError(lines.joined(separator: "\n") + "\n")
        guard options.dryRun, options.json else { return }
        var object = JSONObject()
        object["parameters"] = .integer(plan.parameters)
        object["trained_parameters"] = .integer(plan.trainedParameters)
        object["steps"] = .integer(plan.steps)
        object["tokens"] = .integer(plan.tokens)
        add(Arithmetic(plan.precision), to: &object)
        if let seconds { object["seconds"] = .number(seconds.rounded()) }
        if let rehearsal { object["memory_bytes"] = .integer(rehearsal.peakMemory) }
        print(JSONValue.object(object).text(.compact))
    }

    /// Says how the run went.
    ///
    /// - Throws: `ExitCode` where it was interrupted.
    func report(_ result: RunResult, _ plan: TrainingPlan) throws {
        let totals = result.totals
        guard result.isFinished else {
            // What runs a stage says itself how that goes on.
            let advice = context.isStage ? "" : "; the same command with --resume goes on"
            note("stopped after step \(totals.steps) and saved\(advice)")
            throw ExitCode(Interruption.outcome.rawValue)
        }
        if totals.refused > 0 {
            let verb = totals.refused == 1 ? "was" : "were"
            note(
                "\(grouped(totals.refused)) of \(counted(totals.steps, "step")) \(verb) not taken: "
                    + TrainingRunError.list(totals.refusals))
        }
        if options.json { return printJSON(result, plan) }
        if let sentence = result.bestSentence { note(sentence) }
        // The others stand in metrics.jsonl.
        let measured = result.figures.filter {
            $0.key.hasPrefix(RunResult.validationPrefix) && EarlyStopping.direction(of: $0.key) != nil
        }.sorted { $0.key < $1.key }.map { key, value in
            key.dropFirst(RunResult.validationPrefix.count).replacing("_", with: " ") + " "
                + fixed(Double(value), 4)
        }
        if !measured.isEmpty {
            note("validation: \(measured.joined(separator: ", ")) (\(Arithmetic(plan.precision)))")
        }
        note(
            "done in \(NumberStyle.clock.string(totals.seconds)), \(NumberStyle.memory.string(Double(result.peakMemory))) of memory; the model is in "
                + options.output)
    }

    private func printJSON(_ result: RunResult, _ plan: TrainingPlan) {
        var object = JSONObject()
        object["output"] = .string(options.output)
        object["steps"] = .integer(result.totals.steps)
        object["steps_skipped"] = .integer(result.totals.refused)
        object["seconds"] = .number((result.totals.seconds * 1000).rounded() / 1000)
        object["tokens"] = .integer(result.totals.tokens)
        object["memory_bytes"] = .integer(result.peakMemory)
        add(Arithmetic(plan.precision), to: &object)
        if let best = result.stopping?.best {
            object["best_step"] = .integer(best.step)
            object["best_" + (result.stopping?.metric ?? "")] = .number(Double(best.value))
            object["ended_early"] = .bool(result.endedEarly)
        }
        for (key, value) in result.figures.sorted(by: { $0.key < $1.key }) {
            object[key] = .number(Double(value))
        }
        print(JSONValue.object(object).text(.compact))
    }

    private func add(_ arithmetic: Arithmetic, to object: inout JSONObject) {
        object["precision"] = .string("\(arithmetic.precision)")
        object["processor"] = .string(arithmetic.processor)
    }
}

extension RunResult {
    /// Which evaluation was best, and that the run ended because none was better; nil where nothing depended on them.
    var bestSentence: String? {
        guard let stopping, let best = stopping.best else { return nil }
        let figure = stopping.metric.replacing("_", with: " ")
        let end =
            endedEarly
            ? "; ended early, since \(counted(stopping.evaluationsSinceBest, "evaluation")) after it had none better"
            : ""
        return "best \(figure) \(fixed(Double(best.value), 4)) at step \(best.step)\(end)"
    }
}
