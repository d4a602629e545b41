import Alignment
import NeuralCore
import Testing

/// KTO, BCO, ORPO, CPO, SimPO and AlphaPO against ten steps of TRL.
@Suite struct OtherPreferenceTests {
    func labeled() throws -> [TokenizedLabel] {
        try ParityRun.records().labeled.map {
            TokenizedLabel(prompt: $0.prompt, completion: $0.completion, isDesirable: $0.label)
        }
    }

    @Test(arguments: [
        ("kto_kto", KahnemanTverskyAnchor.divergence), ("kto_apo_zero_unpaired", .zero),
    ])
    func kahnemanTverskyMatchesTRL(_ name: String, _ anchor: KahnemanTverskyAnchor) throws {
        let run = try ParityRun(name)
        // The fixture trains the reference and holds it to the policy, so that the divergence is positive.
        var kto = KahnemanTverskyOptimization(
            policy: try ParityRun.model("reference"), reference: try ParityRun.model(),
            undesirableWeight: 1.3,
            anchor: anchor, optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        for step in 0..<10 { run.expect(kto.step(on: try labeled()), at: step) }
        try run.expect(kto.policy)
    }

    @Test func binaryClassifierMatchesTRL() throws {
        let run = try ParityRun("bco")
        var bco = BinaryClassifierOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        for step in 0..<10 {
            run.expect(bco.step(on: try labeled()), at: step, except: ["logits/chosen", "logits/rejected"])
        }
        try run.expect(bco.policy)
    }

    @Test(arguments: [
        ("orpo", ReferenceFreeLoss.orpo),
        ("cpo_sigmoid", .cpo(.sigmoid(smoothing: 0.1))), ("cpo_hinge", .cpo(.hinge)),
        ("cpo_ipo", .cpo(.ipo)), ("cpo_simpo", .simpo()), ("cpo_alphapo", .simpo(alpha: 0.5)),
    ])
    func referenceFreeMatchesTRL(_ name: String, _ method: ReferenceFreeLoss) throws {
        let run = try ParityRun(name)
        var training = ReferenceFreeOptimization(
            policy: try ParityRun.model(), method: method, optimizer: ParityRun.optimizer,
            schedule: .constant(1e-3))
        for step in 0..<10 {
            run.expect(training.step(on: try ParityRun.records().pairs), at: step, except: ["nll_loss"])
        }
        try run.expect(training.policy)
    }
}
