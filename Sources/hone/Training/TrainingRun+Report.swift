import Alignment
import Formatting
import Foundation
import NeuralCore
import Reports

extension TrainingRun {
    /// Writes `report.html`: what came of the run, its curves, settings and cost, and how to do it again.
    func writeReport(on result: RunResult, _ plan: TrainingPlan) throws {
        var training = TrainingReport(title: title, command: context.commandLine)
        training.subtitle = plan.data
        training.settings = description.rows
        training.metrics = try MetricsLog(contentsOf: directory.metrics)
        training.findings = [result.bestSentence].compactMap { $0 } + result.findings.map(\.description)
        training.lossUnit = command == "pretrain" || command == "sft" ? "nats per token" : ""
        training.files = [
            ("model.safetensors", "the parameters"), ("config.json", "the model's form"),
            ("metrics.jsonl", "figures of every step"), ("checkpoints", "to go on from"),
        ]
        if keepsBest { training.files.append(("best", "the model of the best evaluation")) }
        if options.ema != nil { training.files.append(("ema", "the average of the weights over the steps")) }
        let totals = result.totals
        let operations = Double(totals.tokens) * plan.operationsPerToken
        let processors = ProcessInfo.processInfo.activeProcessorCount
        training.cost = [
            ("time", NumberStyle.clock.string(totals.seconds)),
            ("tokens", grouped(totals.tokens)),
            ("tokens a second", NumberStyle.short.string(Double(totals.tokens) / max(totals.seconds, 1e-9))),
            ("operations", NumberStyle.short.string(operations) + "F"),
            (
                "share of the processor's peak",
                "\(fixed(100 * operations / max(totals.seconds, 1e-9) / result.peakSpeed, 0)) % of "
                    + "\(NumberStyle.short.string(result.peakSpeed))F/s (\(plan.precision))"
            ),
            ("memory", NumberStyle.memory.string(Double(result.peakMemory))),
            ("processors", "\(processors)"),
            ("products in", "\(Arithmetic(plan.precision))"),
            ("parameters", grouped(plan.parameters)),
            ("parameters that moved", grouped(plan.trainedParameters)),
        ]
        try writeAtomically(
            Data(training.report.html.utf8), to: directory.url.appending(component: "report.html"))
    }
}
