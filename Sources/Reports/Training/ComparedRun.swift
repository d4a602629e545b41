public import Formatting

/// A run of training as a comparison shows it beside others.
public struct ComparedRun: Sendable {
    /// A figure of how the run's model does.
    public struct Measure: Sendable {
        /// Its name, by which figures of several runs are compared.
        public var name: String
        /// The figure.
        public var estimate: Estimate
        /// The style in which it is printed.
        public var style: NumberStyle
        /// The direction in which it is better; nil where that is not known.
        public var direction: Direction?

        /// A figure.
        public init(_ name: String, _ estimate: Estimate, style: NumberStyle, direction: Direction?) {
            (self.name, self.estimate, self.style, self.direction) = (name, estimate, style, direction)
        }
    }

    /// An answer of the run's model.
    public struct Answer: Sendable {
        /// The name of the question, by which answers of several runs are compared.
        public var item: String
        /// The prompt.
        public var prompt: String
        /// The answer.
        public var text: String
        /// The verdict on it.
        public var verdict: Verdict

        /// An answer.
        public init(item: String, prompt: String, text: String, verdict: Verdict) {
            (self.item, self.prompt, self.text, self.verdict) = (item, prompt, text, verdict)
        }
    }

    /// The run's name.
    public var name: String
    /// The progress of the run, such as "done" or "step 40 of 100".
    public var state: String
    /// The settings by name, and what was read.
    public var settings: [(String, String)]
    /// The figures of every step.
    public var metrics: MetricsLog
    /// Figures of how the model does.
    public var measures: [Measure]
    /// Answers to read.
    public var answers: [Answer]

    /// A run.
    public init(
        _ name: String, state: String, settings: [(String, String)], metrics: MetricsLog,
        measures: [Measure] = [], answers: [Answer] = []
    ) {
        self.name = name
        self.state = state
        self.settings = settings
        self.metrics = metrics
        self.measures = measures
        self.answers = answers
    }
}

extension ComparedRun {
    /// A figure of the metrics that is read at the end of a run.
    private func last(_ name: String, _ value: (Curve) -> Double?) -> Double? { metrics[name].flatMap(value) }

    /// The level of the loss at the end, without its noise.
    var loss: Double? { last("loss") { $0.smoothed().last?.y } }
    /// Steps done.
    var steps: Double? { last("step") { $0.last?.y } }
    /// Seconds of all steps.
    var seconds: Double? { last("seconds") { $0.last?.y } }
    /// Tokens of all steps.
    var tokens: Double? { last("tokens") { $0.total } }
    /// Tokens a second, the middle one of all steps.
    var speed: Double? { last("tokens_per_second") { $0.median } }
    /// The greatest amount of memory, bytes.
    var memory: Double? { last("memory_bytes") { $0.highest?.y } }
    /// Steps that were not taken.
    var refused: Double? { metrics.remarks["skipped"].map { Double($0.values.reduce(0, +)) } }
}
