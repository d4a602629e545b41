import BuiltInWorld

/// How often the judge of a quickstart and one that is built differently prefer the same of two replies.
struct JudgeAgreement {
    /// The pairs of different replies that both were asked about.
    private(set) var pairs = 0
    /// Of them, those where both prefer the same.
    private(set) var agreements = 0
    /// Those where each prefers another.
    private(set) var disagreements = 0
    /// Those that the judge takes for equally good.
    private(set) var ties = 0
    /// Those that only the second judge takes for equally good.
    private(set) var secondTies = 0

    /// The most pairs that are compared.
    static let most = 100

    /// Compares verdicts about the replies of two models, for pairs drawn at random of those that differ.
    init(_ evaluation: QuickstartEvaluation, of model: Int, and other: Int, world: World) {
        let second = SecondJudge(world, suites: evaluation.suites)
        let differing = evaluation.suites.indices.flatMap { suite in
            evaluation.suites[suite].prompts.indices.compactMap { place -> (Int, Int)? in
                evaluation.replies[model].suites[suite][place].text
                    != evaluation.replies[other].suites[suite][place].text ? (suite, place) : nil
            }
        }
        var random = WorldRandom(seed: world.seed).stream("pairs for two judges")
        for (number, place) in random.pick(Self.most, of: differing) {
            let suite = evaluation.suites[number]
            let texts = [model, other].map { evaluation.replies[$0].suites[number][place].text }
            let verdict = world.judge.compare(texts[0], texts[1], to: suite.prompts[place])
            let opinion = second.compare(texts[0], texts[1], toPrompt: place, of: suite.kind)
            pairs += 1
            switch (verdict, opinion) {
            case (0, _): ties += 1
            case (_, 0): secondTies += 1
            default: if verdict == opinion { agreements += 1 } else { disagreements += 1 }
            }
        }
    }

    /// What came out, as a sentence.
    var sentence: String {
        "Of \(pairs) pairs of replies that differ the judge prefers one in \(pairs - ties). A second judge, which has learned from examples which words "
            + "good answers have and knows neither rules nor facts, prefers the same one in \(agreements) of them, the other one in \(disagreements), and neither in \(secondTies)."
    }
}
