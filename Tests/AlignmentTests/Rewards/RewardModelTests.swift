import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Reward models in the format of transformers; `Fixtures/RewardModels/make_reward_models.py` made the fixtures.
@Suite struct RewardModelDirectoryTests {
    private struct Expected: Decodable {
        let texts: [[Int32]]
        let rewards: [Float]
    }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/RewardModels")

    @Test(arguments: ["qwen3", "gpt2"]) func rewardsAreThoseOfTransformers(_ family: String) throws {
        let folder = Self.fixtures.appending(component: family)
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: folder.appending(component: "rewards.json")))
        let model = try ModelDirectory(folder).rewardModel()
        for atOnce in [1, 4096] {
            let rewards = model.rewards(of: expected.texts, rowsAtOnce: atOnce)
            for (found, wanted) in zip(rewards, expected.rewards) { #expect(abs(found - wanted) < 2e-5) }
        }
    }

    @Test(arguments: ["qwen3", "gpt2"]) func whatIsWrittenIsReadBack(_ family: String) throws {
        let model = try ModelDirectory(Self.fixtures.appending(component: family)).rewardModel()
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(model)
            #expect(try directory.contents() == .rewardModel)
            let again = try directory.rewardModel()
            for (a, b) in zip(model.parameters, again.parameters) {
                #expect(a.name == b.name && a.value.scalars == b.value.scalars)
            }
            let before = try Checkpoint(Self.fixtures.appending(component: family))
            #expect(try Set(Checkpoint(folder).keys) == Set(before.keys))
            let file = try JSONSerialization.jsonObject(
                with: Data(contentsOf: folder.appending(component: "config.json")))
            let configuration = try #require(file as? [String: Any])
            #expect(configuration["pad_token_id"] as? Int == 1)
            #expect((configuration["id2label"] as? [String: String])?.count == 1)
        }
    }

    @Test func aLanguageModelIsNoRewardModel() throws {
        var random = RandomSource(seed: 1)
        let model = Transformer(
            TransformerConfiguration(vocabularySize: 8, width: 8, depth: 1), using: &random)
        try withTemporaryFolder { folder in
            let directory = ModelDirectory(folder)
            try directory.write(model)
            #expect(try directory.contents() == .languageModel)
            #expect(throws: ModelDirectoryError.self) { try directory.rewardModel() }
        }
    }
}

@Suite struct RewardModelingTests {
    @Test(arguments: [("reward", Float(0)), ("reward_centered", 0.1), ("reward_margin", 0)])
    func tenStepsMatchTRL(_ name: String, _ centering: Float) throws {
        let run = try ParityRun(name)
        var random = RandomSource(seed: 0)
        var model = RewardModel(try ParityRun.model(), using: &random)
        try Checkpoint(ParityRun.folder.appending(component: "reward_model.safetensors")).loadParameters(
            into: &model)
        var modeling = RewardModeling(
            model, centering: centering, optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        var pairs = try ParityRun.records().pairs
        for (index, margin) in run.margins.enumerated() { pairs[index].margin = margin }
        for step in 0..<10 { run.expect(modeling.step(on: pairs), at: step) }
        try run.expect(modeling.model)
    }
}
