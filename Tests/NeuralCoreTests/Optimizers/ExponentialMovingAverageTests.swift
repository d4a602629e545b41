import Foundation
import NeuralCore
import Testing

@Suite struct ExponentialMovingAverageTests {
    /// What Fixtures/moving-average.py wrote.
    private struct Golden: Decodable {
        struct Step: Decodable {
            let model: [String: [Float]]
            let average: [String: [Float]]
        }
        let decay: Double
        let steps: [Step]
    }

    private func map(_ values: [String: [Float]]) -> Linear {
        Linear(
            weight: Tensor(values["weight"] ?? [], shape: [5, 7]),
            bias: Tensor(values["bias"] ?? [], shape: [5]))
    }

    private func map(_ value: Float) -> Linear {
        Linear(weight: Tensor([Float](repeating: value, count: 6), shape: [2, 3]))
    }

    @Test func averagesAreThoseOfPyTorch() throws {
        let golden = try JSONDecoder().decode(Golden.self, from: fixture("moving-average.json"))
        var average = ExponentialMovingAverage(of: map(0), decay: golden.decay)
        for step in golden.steps {
            average.update(with: map(step.model))
            for (name, value) in average.model.parameters {
                for (a, b) in zip(value.scalars, step.average[name] ?? []) { #expect(abs(a - b) < 2e-7) }
            }
        }
        #expect(average.count == 9)
    }

    @Test func theFirstModelIsTheAverageAndOthersCountByTheDecay() {
        var average = ExponentialMovingAverage(of: map(100), decay: 0.75)
        average.update(with: map(8))
        #expect(average.model.parameters[0].value.scalars == [Float](repeating: 8, count: 6))
        // 8 d² + (1 − d)(4 d + 16)
        average.update(with: map(4))
        average.update(with: map(16))
        #expect(average.model.parameters[0].value.scalars == [Float](repeating: 9.25, count: 6))
    }

    @Test func aModelThatDoesNotMoveIsItsOwnAverage() {
        let still = map(0.1)
        var average = ExponentialMovingAverage(of: still, decay: 0.999)
        for _ in 0..<1_000 { average.update(with: still) }
        #expect(average.model.parameters[0].value.scalars == still.parameters[0].value.scalars)
    }

    @Test func anUpdateCopiesNothingAndTakesNoBufferFromTheSystem() async {
        await #expect(processExitsWith: .success) {
            var model = Linear(weight: Tensor(zeros: [64, 64]))
            var average = ExponentialMovingAverage(of: model, decay: 0.9)
            for step in 0..<6 {
                model.forEachParameter { _, parameter in
                    parameter.withUnsafeMutableBuffer { $0.update(repeating: Float(step)) }
                }
                let (copies, buffers) = (CopyCount.bytes, BufferPool.shared.statistics.systemAllocations)
                average.update(with: model)
                // The first average is the model itself, from which the second parts.
                guard step > 1 else { continue }
                #expect(CopyCount.bytes == copies)
                #expect(BufferPool.shared.statistics.systemAllocations == buffers)
            }
        }
    }
}
