import Alignment
import Foundation
import NeuralCore
import Testing

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
