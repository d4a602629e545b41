import Foundation

/// A second opinion about answers, by statistics of words: it has no rules and has never seen the fact table.
///
/// What it knows, it has learned from training exercises, whose answers are said to be good or not: for each kind of
/// task, how much likelier a word is in good answers. Of the prompt at hand it reads one good answer and the bad ones;
/// rare words that an answer shares with the good one speak for it, those that it shares with bad ones only against it.
/// Being built differently from ``Judge``, it errs differently: how often the two agree tells how far either is to be
/// trusted.
///
/// - SeeAlso: naive Bayes over the presence of words, [McCallum and Nigam
///   1998](https://aaai.org/papers/041-ws98-05-007/). Departures: one class of good and one of other answers for each
///   kind of task, the logarithm of the odds is averaged over words, and overlaps with references are added.
public struct SecondJudge: Sendable {
    /// The logarithm of how much likelier a word is in good answers, by kind of task.
    private let odds: [Task.Kind: [Substring: Double]]
    /// How rare a word is: the logarithm of answers per answer with it.
    private let rarity: [Substring: Double]
    private let greatestRarity: Double
    private let references: [Suite.Kind: [Exercise]]

    /// How much a shared rare word counts beside the odds of an answer's words.
    private static let overlapWeight = 2.0
    /// Scores that differ by less are a tie.
    private static let tie = 0.1

    /// Learns from exercises and reads the references of suites.
    public init(_ world: World, suites: [Suite], exercises: Int = 4_000) {
        var maker = ExerciseMaker(world, pool: .training, using: world.random.stream("second judge"))
        var random = world.random.stream("second judge, kinds")
        var answers: [Task.Kind: (good: [Set<Substring>], bad: [Set<Substring>])] = [:]
        for _ in 0..<exercises {
            let exercise = maker.exercise(random.pick(weighted: Preference.shares))
            for (quality, reply) in exercise.replies.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let words = Self.words(reply)
                if quality == .good {
                    answers[exercise.prompt.task.kind, default: ([], [])].good.append(words)
                } else {
                    answers[exercise.prompt.task.kind, default: ([], [])].bad.append(words)
                }
            }
        }
        odds = answers.mapValues { answers in
            let (good, bad) = (Self.counts(answers.good), Self.counts(answers.bad))
            return Dictionary(
                uniqueKeysWithValues: Set(good.keys).union(bad.keys).map { word in
                    (
                        word,
                        log(Double(good[word, default: 0] + 1) / Double(answers.good.count + 2))
                            - log(Double(bad[word, default: 0] + 1) / Double(answers.bad.count + 2))
                    )
                })
        }
        let all = answers.values.flatMap { $0.good + $0.bad }
        rarity = Self.counts(all).mapValues { log(Double(all.count) / Double($0)) }
        greatestRarity = log(Double(max(1, all.count)))
        references = Dictionary(
            uniqueKeysWithValues: suites.map { ($0.kind, world.answeredEvaluation($0)) })
    }

    /// Compares two answers to a prompt of a suite: above zero if the first is better, below zero if the second is, zero
    /// for a tie.
    public func compare(_ first: String, _ second: String, toPrompt place: Int, of suite: Suite.Kind) -> Int {
        guard let exercise = references[suite]?[place] else { return 0 }
        let difference = score(first, exercise) - score(second, exercise)
        return abs(difference) < Self.tie ? 0 : (difference > 0 ? 1 : -1)
    }

    private func score(_ reply: String, _ exercise: Exercise) -> Double {
        let words = Self.words(reply)
        guard !words.isEmpty else { return -.infinity }
        let odds = odds[exercise.prompt.task.kind] ?? [:]
        let learned = words.sorted().reduce(0) { $0 + (odds[$1] ?? 0) } / Double(words.count)
        let question = Self.words(exercise.prompt.messages.last?.content ?? "")
        let good = Self.words(exercise.replies[.good] ?? "").subtracting(question)
        let bad = exercise.replies.filter { $0.key != .good }.values.reduce(into: Set<Substring>()) {
            $0.formUnion(Self.words($1))
        }.subtracting(good).subtracting(question)
        let shared = weight(words.intersection(good)) - weight(words.intersection(bad))
        return learned + Self.overlapWeight * shared / max(1, weight(good))
    }

    private func weight(_ words: Set<Substring>) -> Double {
        words.sorted().reduce(0) { $0 + (rarity[$1] ?? greatestRarity) }
    }

    /// The words of a text, without case, and its marks as words of their own.
    private static func words(_ text: String) -> Set<Substring> {
        let text = text.lowercased()
        let marks = text.filter { !$0.isLetter && !$0.isNumber && !$0.isWhitespace && $0 != "'" }
        return Set(text.split { !$0.isLetter && !$0.isNumber && $0 != "'" })
            .union(marks.map { Substring(String($0)) })
    }

    private static func counts(_ texts: [Set<Substring>]) -> [Substring: Int] {
        texts.reduce(into: [:]) { counts, words in for word in words { counts[word, default: 0] += 1 } }
    }
}
