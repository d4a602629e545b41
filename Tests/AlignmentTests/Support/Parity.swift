import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// One run of TRL: `Fixtures/Parity/make_offline.py` says what was done.
struct ParityRun {
    /// What the trainer logged at each step.
    let steps: [[String: Double]]
    /// The weights after the last one.
    let weights: Checkpoint
    /// The margins of the pairs; none in most runs.
    let margins: [Float]
    let name: String

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Parity")

    init(_ name: String) throws {
        self.name = name
        let data = try Data(contentsOf: Self.folder.appending(component: "\(name).json"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        steps = try #require(object["steps"] as? [[String: NSNumber]]).map { $0.mapValues(\.doubleValue) }
        margins = (object["margins"] as? [NSNumber])?.map(\.floatValue) ?? []
        weights = try Checkpoint(Self.folder.appending(component: "\(name).safetensors"))
    }

    /// The tiny policy or the reference near it.
    static func model(_ name: String = "policy") throws -> Transformer {
        let configuration = try TransformerConfiguration(
            contentsOf: folder.appending(component: "config.json"))
        var random = RandomSource(seed: 0)
        var model = Transformer(configuration, using: &random)
        try Checkpoint(folder.appending(component: "\(name).safetensors")).loadParameters(into: &model)
        return model
    }

    /// The optimizer of the runs: AdamW as transformers sets it up.
    static var optimizer: AdamW { AdamW(beta1: 0.9, beta2: 0.999, epsilon: 1e-8) }

    /// The records as ids, the end of the turn added to every completion as TRL does.
    static func records() throws -> (
        pairs: [TokenizedPair], labeled: [(prompt: [Int32], completion: [Int32], label: Bool)]
    ) {
        struct Records: Decodable {
            struct Labeled: Decodable {
                let prompt: [Int32]
                let completion: [Int32]
                let label: Bool
            }
            let pairs: [TokenizedPair]
            let labeled: [Labeled]
            let end: Int32
        }
        let records = try JSONDecoder().decode(
            Records.self, from: Data(contentsOf: folder.appending(component: "records.json")))
        return (
            records.pairs.map {
                TokenizedPair(
                    prompt: $0.prompt, chosen: $0.chosen + [records.end],
                    rejected: $0.rejected + [records.end])
            }, records.labeled.map { ($0.prompt, $0.completion + [records.end], $0.label) }
        )
    }

    /// Compares a step's loss, gradient norm and the metrics both know with what TRL logged.
    func expect(_ report: StepReport, at step: Int, except exempt: Set<String> = []) {
        var found = report.metrics.mapValues(Double.init)
        found["loss"] = Double(report.loss)
        found["grad_norm"] = Double(report.gradientNorm)
        for (key, expected) in steps[step] where !exempt.contains(key) && key != "num_tokens" {
            guard let value = found[key] else { continue }
            #expect(
                abs(value - expected) <= 1e-4 * max(abs(expected), 1),
                "\(name), step \(step), \(key): \(value), TRL \(expected)")
        }
    }

    /// Compares the weights at the end.
    func expect(_ model: some Module) throws {
        for (key, value) in model.parameters {
            let expected = try weights.tensor(key)
            var difference = 0.0
            var size = 0.0
            for (a, b) in zip(value.scalars, expected.scalars) {
                difference += Double(a - b) * Double(a - b)
                size += Double(b) * Double(b)
            }
            let error = (difference / max(size, .leastNormalMagnitude)).squareRoot()
            #expect(error < 1e-4, "\(name), \(key): \(error)")
        }
    }
}

/// The rollouts that `Fixtures/Parity/make_online.py` fed to TRL's trainers.
struct ParityRollouts: Decodable {
    struct Made: Decodable {
        let prompts: [[Int32]]
        let completions: [[[Int32]]]
        let rewards: [Float]
    }
    /// Four prompts with four completions each.
    let groups: [Made]
    /// Sixteen prompts with one completion each.
    let single: [Made]
    let end: Int32
    let longest: Int

    static func load() throws -> ParityRollouts {
        try JSONDecoder().decode(
            ParityRollouts.self,
            from: Data(contentsOf: ParityRun.folder.appending(component: "rollouts.json")))
    }

    /// A rollout as it was made, its first `groupSize` completions of each prompt.
    func experience(_ made: Made, groupSize: Int? = nil) -> Experience {
        let count = made.completions[0].count
        let kept = groupSize ?? count
        let completions = made.completions.enumerated().flatMap { prompt, texts in
            texts.prefix(kept).map { text in
                Rollout.Completion(prompt: prompt, tokens: text, isEnded: text.last == end)
            }
        }
        let rewards = made.rewards.enumerated().filter { $0.offset % count < kept }.map(\.element)
        return Experience(
            Rollout(prompts: made.prompts, completions: completions, using: RandomSource(seed: 0)),
            rewards: rewards, parts: ["reward": rewards])
    }

    func settings(groupSize: Int = 4, temperature: Float = 1) -> RolloutSettings {
        RolloutSettings(groupSize: groupSize, maxTokens: longest, stopTokens: [end], temperature: temperature)
    }
}

/// The episodes that `Fixtures/Parity/make_episodes.py` fed to TRL's trainer.
struct ParityEpisodes: Decodable {
    struct Made: Decodable {
        let prompts: [[Int32]]
        let completions: [[[Int32]]]
        /// 1 for each token that the policy drew, 0 for those of tools.
        let masks: [[[Int]]]
        let rewards: [Float]
        let calls: Int
        let failures: Int
    }
    /// Four prompts with four episodes each.
    let groups: [Made]
    let end: Int32
    let longest: Int

    static func load() throws -> ParityEpisodes {
        try JSONDecoder().decode(
            ParityEpisodes.self,
            from: Data(contentsOf: ParityRun.folder.appending(component: "episodes.json")))
    }

    func experience(_ made: Made) -> Experience {
        var completions = zip(made.completions, made.masks).enumerated().flatMap { prompt, group in
            zip(group.0, group.1).map { tokens, mask in
                Rollout.Completion(
                    prompt: prompt, tokens: tokens, isEnded: tokens.last == end,
                    episode: Episode(isDrawn: mask.map { $0 == 1 }))
            }
        }
        // Which episode made a call does not matter.
        completions[0].episode?.calls = made.calls
        completions[0].episode?.failedCalls = made.failures
        return Experience(
            Rollout(prompts: made.prompts, completions: completions, using: RandomSource(seed: 0)),
            rewards: made.rewards, parts: ["reward": made.rewards])
    }
}
