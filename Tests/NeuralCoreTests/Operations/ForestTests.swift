import NeuralCore
import Testing

@Suite struct ForestTests {
    @Test func sequencesThatShareNothingEachBeginAtZero() {
        let forest = Forest(sequenceLengths: [3, 0, 2])
        #expect(forest.rows == [0..<3, 3..<3, 3..<5])
        #expect(forest.positions == [0, 1, 2, 0, 1])
        #expect(forest.roots == [0, 1, 2])
    }

    @Test func completionsGoOnFromTheirPrompt() {
        let forest = Forest(prompt: 2, completions: [2, 1])
        #expect(forest.positions == [0, 1, 2, 3, 2])
        #expect(forest.subtreeRows == [0..<5, 2..<4, 4..<5])
    }

    @Test func aSubtreeIsOneIntervalAtAnyDepth() {
        let forest = Forest([
            .init(length: 2), .init(length: 3, parent: 0), .init(length: 1, parent: 1),
            .init(length: 4, parent: 0),
            .init(length: 2),
        ])
        #expect(forest.subtreeRows == [0..<10, 2..<6, 5..<6, 6..<10, 10..<12])
        #expect(forest.positions == [0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 0, 1])
    }

    @Test func aChildOutOfOrderIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Forest([.init(length: 2), .init(length: 2), .init(length: 2, parent: 0)])
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("segment 2 continues segment 0"))
    }
}
