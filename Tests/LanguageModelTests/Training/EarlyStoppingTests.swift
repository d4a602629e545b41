import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct EarlyStoppingTests {
    @Test func theSameFigureAgainIsNoBetterAndPatienceCountsInARow() {
        var stopping = EarlyStopping(patience: 2)
        let losses: [Float] = [3, 2, 2, 1.5, 1.75]
        let best = losses.enumerated().map { stopping.record(["loss": $1], at: 10 * ($0 + 1)) }
        #expect(best == [true, true, false, true, false])
        #expect(!stopping.isDue)
        #expect(stopping.best?.step == 40 && stopping.best?.value == 1.5)
        let isBest = stopping.record(["loss": 1.5], at: 60)
        #expect(!isBest && stopping.isDue && stopping.evaluationsSinceBest == 2)
    }

    @Test func greaterAccuraciesAndMarginsAreBetter() {
        var stopping = EarlyStopping(metric: "rewards/accuracies")
        #expect(stopping.direction == .higher && stopping.patience == nil)
        #expect(
            [0.5, 0.75, 0.25].map { stopping.record(["rewards/accuracies": $0], at: 1) } == [
                true, true, false,
            ])
        #expect(!stopping.isDue)
        for name in ["accuracy", "mean_token_accuracy", "margin", "rewards/margins"] {
            #expect(EarlyStopping.direction(of: name) == .higher)
        }
        for name in ["loss", "nll_loss", "bits_per_byte", "perplexity"] {
            #expect(EarlyStopping.direction(of: name) == .lower)
        }
        for name in ["entropy", "kl", "logps/chosen", "", "loss/"] {
            #expect(EarlyStopping.direction(of: name) == (name == "loss/" ? .lower : nil))
        }
    }

    @Test func whatIsNoNumberIsNeverBest() {
        var stopping = EarlyStopping(metric: "own", direction: .higher, patience: 3)
        for figures in [["own": Float.nan], ["own": .infinity], ["other": 1]] {
            let isBest = stopping.record(figures, at: 1)
            #expect(!isBest)
        }
        #expect(stopping.isDue && stopping.best == nil)
    }

    @Test func aCheckpointKeepsTheBestAndThePatience() throws {
        try withTemporaryFolder { folder in
            var stopping = EarlyStopping(patience: 3)
            for (index, loss) in [Float(0.1), 0.3, 0.2].enumerated() {
                _ = stopping.record(["loss": loss], at: index)
            }
            try stopping.writeCheckpoint(to: folder)
            var again = EarlyStopping(patience: 3)
            try again.readCheckpoint(from: folder)
            #expect(again == stopping && again.evaluationsSinceBest == 2)
            try Data(#"{"evaluationsSinceBest":-1}"#.utf8)
                .write(to: folder.appending(component: "early-stopping.json"))
            #expect(throws: CheckpointError.self) { try again.readCheckpoint(from: folder) }
            #expect(again == stopping)
        }
    }

    @Test func aCheckpointKeepsAnAverage() throws {
        try withTemporaryFolder { folder in
            func map(_ value: Float) -> Linear { Linear(weight: Tensor([value, 0.1], shape: [1, 2])) }
            var average = ExponentialMovingAverage(of: map(0), decay: 0.9)
            for value in [1, 2, 5] as [Float] { average.update(with: map(value)) }
            try average.writeCheckpoint(to: folder)
            var again = ExponentialMovingAverage(of: map(0), decay: 0.9)
            try again.readCheckpoint(from: folder)
            #expect(again.count == 3)
            #expect(again.model.parameters[0].value.scalars == average.model.parameters[0].value.scalars)
            try Data("{}".utf8).write(to: folder.appending(component: "average.safetensors"))
            #expect(throws: CheckpointError.self) { try again.readCheckpoint(from: folder) }
            #expect(again.count == 3)
        }
    }
}
