import ArgumentParser
import LanguageModel

/// When a model is measured on data that is not trained on, and what follows from that.
struct EvaluationOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp("Steps between evaluations on data that is not trained on.", valueName: "n"))
    var evaluateEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Keep the model that was best by this figure of the evaluations, such as loss, in the folder best of "
                + "--output.", valueName: "figure"))
    var keepBest: String?

    @Option(
        help: ArgumentHelp(
            "End the training after this many evaluations in a row without a better one, by the figure of --keep-best, "
                + "else by the loss.", valueName: "n"))
    var patience: Int?

    func validate() throws {
        try check("--evaluate-every", evaluateEvery, in: 1...Most.steps)
        try check("--patience", patience, in: 1...Most.steps)
        if let keepBest, EarlyStopping.direction(of: keepBest) == nil {
            throw ValidationError(
                "--keep-best \(keepBest): whether more or less of it is better is not known; losses, accuracies and margins "
                    + "can be chosen by.")
        }
    }

    /// The first option that is of no use without data to evaluate on; nil where there is none.
    var firstGiven: String? {
        if evaluateEvery != nil { return "--evaluate-every" }
        if keepBest != nil { return "--keep-best" }
        return patience == nil ? nil : "--patience"
    }

    /// What watches the evaluations; nil where nothing depends on them.
    var stopping: EarlyStopping? {
        keepBest == nil && patience == nil
            ? nil : EarlyStopping(metric: keepBest ?? "loss", patience: patience)
    }

    /// Steps between evaluations where a run has so many: an eighth of them unless given.
    func interval(of steps: Int) -> Int { evaluateEvery ?? max(1, steps / 8) }
}
