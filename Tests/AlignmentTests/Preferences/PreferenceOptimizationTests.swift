import Alignment
import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Every loss against ten steps of TRL.
@Suite struct DirectPreferenceOptimizationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let set: @Sendable (inout DirectPreferenceOptimization<Transformer>) -> Void
        var testDescription: String { name }

        static func loss(_ name: String, _ loss: PreferenceLoss) -> Case {
            Case(name: name) { $0.losses = [.init(loss)] }
        }
    }

    static let cases: [Case] = [
        .loss("sigmoid", .sigmoid), .loss("hinge", .hinge), .loss("ipo", .ipo),
        .loss("exo_pair", .exo(smoothing: 0.1)), .loss("nca_pair", .nca),
        .loss("robust", .robust(noise: 0.1)), .loss("bco_pair", .bcoPair),
        .loss("sppo_hard", .sppoHard),
        .loss("aot", .aot(smoothing: 0.1)),
        .loss("aot_unpaired", .aotUnpaired(smoothing: 0.1)), .loss("apo_zero", .apoZero),
        .loss("apo_down", .apoDown), .loss("discopop", .discopop()), .loss("sft", .sft),
        .loss("sigmoid_norm", .sigmoidNorm),
        Case(name: "forward_kl") { $0.divergence = .forwardKL },
        Case(name: "js") { $0.divergence = .jensenShannon },
        Case(name: "alpha") { $0.divergence = .alpha(0.5) },
        Case(name: "wpo") { $0.weighsByLikelihood = true },
        Case(name: "ld") { $0.weightBeyondSharedLength = 0.5 },
        Case(name: "mixture") {
            $0.losses = [.init(.sigmoid, weight: 0.8), .init(.sft, weight: 0.4)]
        },
    ]

    @Test(arguments: cases) func tenStepsMatchTRL(_ variant: Case) throws {
        let run = try ParityRun("dpo_\(variant.name)")
        var dpo = DirectPreferenceOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
        variant.set(&dpo)
        let batch = try ParityRun.records().pairs
        for step in 0..<10 { run.expect(dpo.step(on: batch), at: step) }
        try run.expect(dpo.policy)
    }

    @Test func theLossAtTheReferenceIsLogTwo() throws {
        var dpo = DirectPreferenceOptimization(policy: try ParityRun.model())
        let report = dpo.step(on: try ParityRun.records().pairs)
        #expect(abs(report.loss - log(2)) < 1e-6)
    }

    @Test func aSharedPromptEqualsSeparateCopies() throws {
        let model = try ParityRun.model()
        let pairs = try ParityRun.records().pairs
        let shared = PreferenceBatch(pairs).completions
        let separate = CompletionBatch(
            pairs.flatMap {
                [
                    .init(prompt: $0.prompt, completions: [$0.chosen]),
                    .init(prompt: $0.prompt, completions: [$0.rejected]),
                ]
            })
        func loss(_ batch: CompletionBatch) -> (value: Float, gradient: Gradient<Transformer>) {
            valueWithGradient(at: model) { -$0.predictions(on: batch.tokens).logProbabilities.mean() }
        }
        let (one, two) = (loss(shared), loss(separate))
        #expect(abs(one.value - two.value) < 1e-5)
        for (a, b) in zip(one.gradient.parameters, two.gradient.parameters) {
            for (x, y) in zip(a.value.scalars, b.value.scalars) { #expect(abs(x - y) < 1e-5, "\(a.name)") }
        }
    }
}

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
            objective: .init(undesirableWeight: 1.3, anchor: anchor), optimizer: ParityRun.optimizer,
            schedule: .constant(1e-3))
        for step in 0..<10 { run.expect(kto.step(on: try labeled()), at: step) }
        try run.expect(kto.policy)
    }

    @Test func binaryClassifierMatchesTRL() throws {
        let run = try ParityRun("bco")
        var bco = BinaryClassifierOptimization(
            policy: try ParityRun.model(), reference: try ParityRun.model("reference"),
            objective: .init(), optimizer: ParityRun.optimizer, schedule: .constant(1e-3))
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
            policy: try ParityRun.model(), objective: .init(method), optimizer: ParityRun.optimizer,
            schedule: .constant(1e-3))
        for step in 0..<10 {
            run.expect(training.step(on: try ParityRun.records().pairs), at: step, except: ["nll_loss"])
        }
        try run.expect(training.policy)
    }
}
