import LanguageModel
package import NeuralCore

extension WorkSharing {
    /// What a policy says to prompts, with its rewards: the prompts are cut into as many shares as a step has parts, each
    /// share is sampled and rewarded on one process, and all of them learn of all.
    ///
    /// - Parameters:
    ///   - prompts: Prompts of any kind, one for each group.
    ///   - random: Decides every draw; each share has a source of its own, unless there is one alone.
    ///   - sample: Samples and rewards completions of some of the prompts.
    package func experience<Prompt, E: Error>(
        of prompts: [Prompt], using random: RandomSource,
        _ sample: (_ prompts: [Prompt], _ random: RandomSource) throws(E) -> Experience
    ) throws(E) -> Experience {
        let count = max(1, min(parts, prompts.count))
        guard count > 1 || isShared else { return try sample(prompts, random) }
        let shares = (0..<count).map { $0 * prompts.count / count..<($0 + 1) * prompts.count / count }
        var source = random
        let sources = shares.map { _ in count == 1 ? random : source.split() }
        let found = try shared(count) { number throws(E) in
            PartFigures(try sample(Array(prompts[shares[number]]), sources[number]))
        }
        var next = sources[count - 1]
        return Experience(
            joining: zip(shares, found).map { ($0.lowerBound, $1) }, using: next.split())
    }
}

/// A rollout with its rewards as numbers, to go from one process to another.
extension PartFigures {
    fileprivate init(_ experience: Experience) {
        let rollout = experience.rollout
        var numbers: [Double] = []
        numbers.append(Double(rollout.prompts.count))
        for prompt in rollout.prompts { numbers.append(list: prompt.map(Double.init)) }
        numbers.append(Double(rollout.completions.count))
        for completion in rollout.completions {
            numbers.append(contentsOf: [Double(completion.prompt), completion.isEnded ? 1 : 0])
            numbers.append(list: completion.tokens.map(Double.init))
            numbers.append(list: completion.logProbabilities.map(Double.init))
            numbers.append(list: completion.episode.map(\.numbers) ?? [])
        }
        numbers += experience.rewards.map(Double.init)
        self.init(numbers)
        for (place, name) in experience.parts.keys.sorted().enumerated() {
            named[name] = Float(place)
            self.numbers += (experience.parts[name] ?? []).map(Double.init)
        }
    }
}

extension Experience {
    /// Shares side by side, each with the number of its first prompt.
    fileprivate init(joining shares: [(first: Int, figures: PartFigures)], using random: RandomSource) {
        var (prompts, completions): ([[Int32]], [Rollout.Completion]) = ([], [])
        var (rewards, parts): ([Float], [String: [Float]]) = ([], [:])
        for share in shares {
            var rest = share.figures.numbers[...]
            for _ in 0..<Int(rest.removeFirst()) { prompts.append(rest.removeList().map { Int32($0) }) }
            let count = Int(rest.removeFirst())
            for _ in 0..<count {
                let (prompt, isEnded) = (Int(rest.removeFirst()), rest.removeFirst() == 1)
                completions.append(
                    Rollout.Completion(
                        prompt: share.first + prompt, tokens: rest.removeList().map { Int32($0) },
                        logProbabilities: rest.removeList().map { Float($0) }, isEnded: isEnded,
                        episode: Episode(numbers: rest.removeList())))
            }
            func values() -> [Float] {
                defer { rest.removeFirst(count) }
                return rest.prefix(count).map { Float($0) }
            }
            rewards += values()
            for name in share.figures.named.sorted(by: { $0.value < $1.value }).map(\.key) {
                parts[name, default: []] += values()
            }
        }
        self.init(
            Rollout(prompts: prompts, completions: completions, using: random), rewards: rewards, parts: parts
        )
    }
}

/// An episode as numbers, to go from one process to another.
extension Episode {
    var numbers: [Double] {
        func number(_ answer: Bool?) -> Double { answer.map { $0 ? 1 : 0 } ?? -1 }
        var numbers = [
            Double(calls), Double(failedCalls), number(outcome?.isSuccess), number(outcome?.madeNeedlessCall),
            number(outcome?.claimedWithoutCall), number(outcome?.admittedFailure),
        ]
        numbers.append(list: isDrawn.map { $0 ? 1 : 0 })
        numbers.append(list: rewards.map(Double.init))
        return numbers
    }

    /// Nil of no numbers.
    init?(numbers: [Double]) {
        guard !numbers.isEmpty else { return nil }
        func answer(_ number: Double) -> Bool? { number < 0 ? nil : number == 1 }
        var rest = numbers.dropFirst(6)
        self.init(
            isDrawn: rest.removeList().map { $0 == 1 }, rewards: rest.removeList().map { Float($0) },
            calls: Int(numbers[0]), failedCalls: Int(numbers[1]),
            outcome: answer(numbers[2]).map {
                EpisodeOutcome(
                    isSuccess: $0, madeNeedlessCall: answer(numbers[3]),
                    claimedWithoutCall: answer(numbers[4]),
                    admittedFailure: answer(numbers[5]))
            })
    }
}

/// Lists of numbers, each after its length.
extension [Double] {
    fileprivate mutating func append(list: [Double]) {
        append(Double(list.count))
        self += list
    }
}

extension ArraySlice<Double> {
    fileprivate mutating func removeList() -> [Double] {
        let count = Int(removeFirst())
        defer { removeFirst(count) }
        return Array(prefix(count))
    }
}
