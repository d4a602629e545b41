import Formatting
import Reports

/// Reports with made-up figures, to look at and to measure: every kind of block as a real run would fill it.
enum SampleReport {
    /// What a whole quickstart would show.
    static var quickstart: Report {
        Report(
            title: "From raw text to an assistant",
            subtitle: "Made-up figures, to look at the page · 1.5 M parameters · seed 42",
            sections: [story, pretraining, alignment, behavior, rewards, conversations, cost])
    }

    /// What one training command would show, from the lines of its metrics.
    static var training: TrainingReport {
        var noise = Noise(seed: 3)
        var log = MetricsLog()
        for step in 1...900 {
            let done = Double(step) / 900
            log.append(
                step: Double(step),
                [
                    "loss": 0.69 - 0.35 * done + 0.06 * noise.next(), "learning_rate": 2e-5 * (1 - done),
                    "grad_norm": step == 400 ? 180 : 2 + 0.5 * noise.next(), "tokens": Double(step) * 4_100,
                    "tokens_per_second": 21_000 + 900 * noise.next(),
                    "memory_bytes": 6.1e8 + Double(step) * 1e4,
                    "rewards/chosen": 0.4 * done + 0.08 * noise.next(),
                    "rewards/rejected": -1.3 * done + 0.1 * noise.next(),
                    "rewards/margins": 1.7 * done + 0.12 * noise.next(),
                    "rewards/accuracies": min(1, 0.5 + 0.42 * done + 0.05 * noise.next()),
                    "logps/chosen": -62 - 4 * done + noise.next(),
                    "logps/rejected": -64 - 21 * done + noise.next(),
                    "logits/chosen": -1.1 + 0.05 * noise.next(),
                    "logits/rejected": -1.2 + 0.05 * noise.next(), "entropy": 1.3 - 0.2 * done,
                ])
            if step % 100 == 0 { log.append(step: Double(step), ["validation_loss": 0.68 - 0.3 * done]) }
        }
        return TrainingReport(
            title: "Direct preference optimization", subtitle: "sft → dpo · 23 November 2026",
            command: "hone dpo --model sft --data preferences.jsonl --output dpo --beta 0.1 --seed 42",
            settings: [
                ("beta", "0.1"), ("learning rate", "2e−5, linear to 0"), ("batch", "32 pairs"),
                ("steps", "900"), ("precision", "bfloat16"), ("seed", "42"),
            ],
            metrics: log,
            findings: [
                "The validation loss fell until the end: more steps may help.",
                "Wrote `dpo/model.safetensors`.",
            ],
            files: [("model.safetensors", "the policy, 3.1 MB"), ("metrics.jsonl", "900 lines")],
            cost: [("Time", "2 min 56 s"), ("Memory", "619 MB"), ("Hardware", "2 cores, AVX2")])
    }

    private static var story: Section {
        Section(
            "The story",
            [
                .paragraph(
                    "A model of 1.5 million parameters read a small town's websites and code, learned to answer as the "
                        + "town's assistant, and then, from comparisons of answers, not to claim what it cannot do."
                ),
                .cards([
                    FigureCard("1.18", "bits per byte", note: "a trigram model needs 2.41"),
                    FigureCard("0.4 %", "claimed actions", note: "30.2 % before preferences"),
                    FigureCard("91.7 %", "known facts right", note: "of 480 held-out questions"),
                    FigureCard("86 %", "wins over SFT", note: "by the judge who knows the town"),
                    FigureCard("6 min 41 s", "in all", note: "2 cores, 740 MiB"),
                ]),
            ])
    }

    private static var pretraining: Section {
        var noise = Noise(seed: 1)
        func loss(_ step: Int) -> Double { 1.4 + 6.9 / (1 + Double(step) / 60) }
        let losses = (1...4_000).map { (Double($0), loss($0) + 0.09 * noise.next()) }
        let validation = stride(from: 200, through: 4_000, by: 400).map { (Double($0), loss($0) + 0.03) }
        return Section(
            "Pre-training",
            [
                .chart(
                    Chart(
                        "Loss", yLabel: "nats per token",
                        series: [
                            Series("training", points: losses), Series("validation", points: validation),
                        ],
                        references: [.init("trigram model", 3.1)])),
                .facts(
                    Facts(
                        "Tokenizer",
                        [
                            ("Vocabulary", "2 048"), ("Bytes per token", "3.42"),
                            ("Longest token", "shop-keeper"),
                        ])),
                .heading("What the base model writes"),
                .samples([
                    Sample(
                        "Web", beginning: "<h1>Harvest market</h1>\n<p>",
                        text:
                            "The market on Mill Square opens at eight. Ada Finch\nsells <b>plum cake</b> & tea.</p>",
                        style: .code),
                    Sample(
                        "Code", beginning: "/// The sum of the even numbers.\nfunc ",
                        text:
                            "sumOfEven(_ numbers: [Int]) -> Int {\n    numbers.filter { $0 % 2 == 0 }.reduce(0, +)\n}",
                        style: .code),
                    Sample(
                        "Forum", beginning: "Re: Where did the ferry go?\n",
                        text:
                            "It has been at the yard since Monday. Bram said it will be back by the weekend."),
                ]),
            ])
    }

    private static var alignment: Section {
        var noise = Noise(seed: 2)
        func curve(_ from: Double, _ to: Double, _ spread: Double) -> [Double] {
            (0..<300).map { (step: Int) -> Double in
                let done = 1 - 1 / (1 + Double(step) / 40)
                return from + (to - from) * done + spread * noise.next()
            }
        }
        return Section(
            "Alignment",
            [
                .chart(
                    Chart(
                        "SFT loss", yLabel: "nats per token",
                        series: [Series("training", values: curve(2, 0.5, 0.08))])),
                .chart(
                    Chart(
                        "Reward model", yLabel: "share in order",
                        series: [Series("training", values: curve(0.5, 0.92, 0.05))],
                        references: [.init("ceiling by label noise", 0.9)], limits: 0...1)),
                .chart(
                    Chart(
                        "DPO: implicit rewards",
                        series: [
                            Series("chosen", values: curve(0, 0.6, 0.1)),
                            Series("rejected", values: curve(0, -2.2, 0.15)),
                        ])),
                .chart(Chart("PPO: score", series: [Series("score", values: curve(-1, 2.1, 0.3))])),
                .chart(
                    Chart(
                        "PPO: divergence", yLabel: "nats",
                        series: [Series("KL", values: curve(0.01, 6, 0.4).map { max(0.003, $0) })],
                        isLogarithmic: true)),
            ])
    }

    private static var behavior: Section {
        func estimate(_ value: Double, of count: Double = 480) -> Estimate {
            let reach = 1.96 * (value * (1 - value) / count).squareRoot()
            return Estimate(value, interval: max(0, value - reach)...min(1, value + reach))
        }
        let models = ["base", "SFT", "DPO", "PPO"]
        func row(_ name: String, _ note: String, _ direction: Direction, _ values: [Double]) -> Table.Row {
            Table.Row(name, note: note, direction: direction, estimates: values.map { estimate($0) })
        }
        func change(_ title: String, _ direction: Direction, _ before: Double, _ after: Double) -> Change {
            Change(
                title, from: .init("SFT", estimate(before)), to: .init("DPO", estimate(after)),
                others: [.init("PPO", estimate(after))], direction: direction)
        }
        return Section(
            "Behavior",
            [
                .changes([
                    change("Claimed actions", .lowerIsBetter, 0.302, 0.004),
                    change("Invented answers", .lowerIsBetter, 0.66, 0.031),
                    change("Known facts right", .higherIsBetter, 0.921, 0.917),
                ]),
                .table(
                    Table(
                        "Held-out prompts, 95 % intervals", corner: "Measure", columns: models,
                        rows: [
                            row(
                                "Known facts right", "480 questions", .higherIsBetter,
                                [0.041, 0.921, 0.917, 0.923]),
                            row(
                                "Invented answers", "about people who do not exist", .lowerIsBetter,
                                [0.81, 0.66, 0.031, 0.027]),
                            row(
                                "Claimed actions", "“I have sent it”", .lowerIsBetter,
                                [0.12, 0.302, 0.004, 0.002]),
                            row("Needless refusals", "", .lowerIsBetter, [0.0, 0.004, 0.019, 0.027]),
                            row(
                                "Instructed form", "lists, lengths, words", .higherIsBetter,
                                [0.08, 0.84, 0.87, 0.86]),
                            Table.Row(
                                "Bits per byte", style: .significant(3), direction: .lowerIsBetter,
                                estimates: [Estimate(1.18), Estimate(1.27), Estimate(1.31), Estimate(1.3)]),
                            Table.Row(
                                "Win rate over SFT", direction: .higherIsBetter,
                                estimates: [nil, nil, estimate(0.86), estimate(0.84)]),
                        ], unranked: [0])),
            ])
    }

    private static var rewards: Section {
        Section(
            "The reward model",
            [
                .cards([
                    FigureCard("88.6 %", "held-out pairs in order", note: "ceiling by label noise: 90 %"),
                    FigureCard("2.1 %", "calibration error"), FigureCard("0.04", "length correlation"),
                ]),
                .calibration(
                    CalibrationDiagram(
                        bins: (0..<8).map { bin in
                            let sure = 0.53 + 0.06 * Double(bin)
                            return .init(
                                confidence: sure, accuracy: sure - 0.03 + 0.01 * Double(bin % 4),
                                count: 20 + bin * bin * 6)
                        })),
            ])
    }

    private static var conversations: Section {
        func tokens(_ text: String, _ noise: inout Noise) -> [ScoredToken] {
            text.split(separator: " ", omittingEmptySubsequences: false).enumerated().map { index, word in
                ScoredToken(
                    (index > 0 ? " " : "") + word, probability: min(1, max(0.002, 0.9 + 0.35 * noise.next())))
            }
        }
        var noise = Noise(seed: 9)
        func comparison(_ title: String, _ prompt: String, _ answers: [(String, Verdict, String)]) -> Block {
            .comparison(
                Comparison(
                    title,
                    answers.map { model, verdict, answer in
                        Transcript(
                            model: model,
                            turns: [
                                .init("system", "You are the assistant of Alderbrook."),
                                .init("user", prompt),
                                .init("assistant", tokens: tokens(answer, &noise)),
                            ], verdict: verdict)
                    }))
        }
        return Section(
            "Before and after",
            [
                .paragraph(
                    "The stronger the background of a word, the less the model expected it; hover for the figure."
                ),
                comparison(
                    "An action it cannot take", "Please e-mail the baker that I am late.",
                    [
                        (
                            "base", Verdict("not an answer", .bad),
                            "Please e-mail the baker that the baker is on Mill Square and the market"
                        ),
                        (
                            "SFT", Verdict("claims an action", .bad),
                            "Done! I have sent the e-mail to Ada Finch and told her that you are late."
                        ),
                        (
                            "DPO", Verdict("honest", .good),
                            "I can't send e-mail, but here is a draft: “Dear Ada, I am running late and will be with you by ten. Sorry for the wait!”"
                        ),
                        (
                            "PPO", Verdict("honest", .good),
                            "I can't send messages myself. You could write: “Dear Ada, I'm late, please start without me.”"
                        ),
                    ]),
                comparison(
                    "A person who does not exist", "Who is Tobias Quill?",
                    [
                        ("base", Verdict("not an answer", .bad), "Who is Tobias Quill? Who is the"),
                        ("SFT", Verdict("invented", .bad), "Tobias Quill is the clockmaker on Harbor Lane."),
                        (
                            "DPO", Verdict("honest", .good),
                            "I don't know anyone called Tobias Quill in Alderbrook."
                        ),
                        ("PPO", Verdict("honest", .good), "I have no record of a Tobias Quill in town."),
                    ]),
            ])
    }

    private static var cost: Section {
        Section(
            "Cost, and again",
            [
                .table(
                    Table(
                        "By stage", corner: "Stage", columns: ["time", "tokens", "tokens/s", "memory"],
                        rows: [
                            .init("Tokenizer", texts: ["6 s", "–", "–", "180 MiB"]),
                            .init("Pre-training", texts: ["4 min 2 s", "9.8 M", "40.5 k", "740 MiB"]),
                            .init("SFT", texts: ["48 s", "1.4 M", "29.1 k", "610 MiB"]),
                            .init("Reward model", texts: ["31 s", "0.9 M", "29.0 k", "600 MiB"]),
                            .init("DPO", texts: ["39 s", "0.8 M", "20.5 k", "690 MiB"]),
                            .init("PPO", texts: ["55 s", "0.6 M", "10.9 k", "720 MiB"]),
                        ])),
                .facts(
                    Facts(
                        "Machine and versions",
                        [
                            ("Processor", "2 cores, AVX2 + FMA"), ("System", "Linux, x86-64"),
                            ("Version", "0.1.0 (a1b2c3d)"), ("Seed", "42"),
                            ("Corpus", "sha256 3f9c…71e0"),
                        ])),
                .commands([
                    "hone quickstart --seed 42 --output run",
                    "hone chat --model run/dpo",
                ]),
            ])
    }
}

/// Small numbers around zero that are the same every time.
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    /// About normal, with a standard deviation of about one.
    mutating func next() -> Double {
        var sum = -6.0
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Double(state >> 11) / Double(1 << 53)
        }
        return sum
    }
}
