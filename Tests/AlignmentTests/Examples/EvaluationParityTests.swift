import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Figures on examples that are not trained on equal those of TRL's trainers: `Fixtures/Parity/make_evaluations.py`.
@Suite struct EvaluationParityTests {
    private func expected(_ name: String) throws -> [String: Double] {
        let data = try Data(contentsOf: ParityRun.folder.appending(component: "evaluations.json"))
        return try #require(try JSONDecoder().decode([String: [String: Double]].self, from: data)[name])
    }

    /// Compares all figures that TRL has, but for exempt ones, which are the same under another definition.
    private func expect(_ figures: [String: Float], _ name: String, except exempt: Set<String> = []) throws {
        let expected = try expected(name)
        #expect(Set(expected.keys).subtracting(exempt).isSubset(of: figures.keys), "\(name): \(figures.keys)")
        for (key, wanted) in expected where !exempt.contains(key) {
            let found = Double(figures[key] ?? .nan)
            #expect(
                abs(found - wanted) <= 1e-4 * max(1, abs(wanted)), "\(name), \(key): \(found), TRL \(wanted)")
        }
    }

    private func texts() throws -> [SupervisedTokens] {
        try ParityRun.records().pairs.map { pair in
            SupervisedTokens(
                ids: pair.prompt + pair.chosen,
                isTrained: pair.prompt.map { _ in false } + pair.chosen.map { _ in true })
        }
    }

    private func labels() throws -> [TokenizedLabel] {
        try ParityRun.records().labeled.map {
            TokenizedLabel(prompt: $0.prompt, completion: $0.completion, isDesirable: $0.label)
        }
    }

    @Test(arguments: [("sft", SupervisedLoss.crossEntropy), ("sft_dft", .dynamic)])
    func fineTuning(_ name: String, _ loss: SupervisedLoss) throws {
        let tuning = SupervisedFineTuning(try ParityRun.model(), loss: loss)
        try expect(tuning.validation(on: texts()), name)
        // The same texts often are measured in parts.
        try expect(tuning.validation(on: Array(repeating: texts(), count: 9).flatMap(\.self)), name)
    }

    @Test(arguments: [("reward", Float(0)), ("reward_margin", 0.1)])
    func rewards(_ name: String, _ centering: Float) throws {
        var random = RandomSource(seed: 0)
        var model = RewardModel(try ParityRun.model(), using: &random)
        try Checkpoint(ParityRun.folder.appending(component: "reward_model.safetensors")).loadParameters(
            into: &model)
        var pairs = try ParityRun.records().pairs
        if name == "reward_margin" {
            for (index, margin) in try ParityRun(name).margins.enumerated() { pairs[index].margin = margin }
        }
        try expect(RewardModeling(model, centering: centering).validation(on: pairs), name)
    }

    @Test(arguments: [("dpo", PreferenceLoss.sigmoid), ("dpo_ipo", .ipo)])
    func directPreferences(_ name: String, _ loss: PreferenceLoss) throws {
        let dpo = DirectPreferenceOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"), beta: 0.1,
            losses: [.init(loss)])
        let pairs = try ParityRun.records().pairs
        try expect(dpo.validation(on: pairs), name)
        // Means over pairs, completions and tokens stay what they are in parts; IPO's and DPO's losses are means over pairs.
        try expect(dpo.validation(on: Array(repeating: pairs, count: 9).flatMap(\.self)), name)
    }

    @Test func judgedAnswers() throws {
        let kto = KahnemanTverskyOptimization(
            policy: try ParityRun.model("reference"), reference: try ParityRun.model(),
            objective: .init(undesirableWeight: 1.3))
        try expect(kto.validation(on: labels()), "kto")
    }

    @Test(arguments: [("orpo", ReferenceFreeLoss.orpo), ("cpo", .cpo(.sigmoid(smoothing: 0.1)))])
    func withoutReference(_ name: String, _ method: ReferenceFreeLoss) throws {
        let training = ReferenceFreeOptimization(policy: try ParityRun.model(), objective: .init(method))
        // TRL's logits here are means over prompts and padding too, and are not ours.
        try expect(
            training.validation(on: ParityRun.records().pairs), name,
            except: ["logits/chosen", "logits/rejected"])
    }

    @Test func aShareIsHeldOutEvenlyAndNothingIsLost() throws {
        func numbers(_ set: ExampleSet<TokenizedLabel>) -> [Int32] { set.map { $0.prompt[0] } }
        let all = ExampleSet(
            (0..<10).map { TokenizedLabel(prompt: [$0], completion: [1], isDesirable: true) })
        let (training, held) = all.holdingOut(0.3)
        #expect(numbers(held) == [3, 6, 9])
        #expect(numbers(training) == [0, 1, 2, 4, 5, 7, 8])
        // As many at least as make a batch, and no more than there are.
        #expect(all.holdingOut(0).heldOut.count == 2)
        #expect(ExampleSet(Array(all.prefix(1))).holdingOut(0.5).heldOut.count == 1)
        #expect(ExampleSet<TokenizedLabel>([]).holdingOut(0.5).training.isEmpty)
    }
}
