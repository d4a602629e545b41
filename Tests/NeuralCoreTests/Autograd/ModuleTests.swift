import NeuralCore
import Testing

@Suite struct ModuleTests {
    struct Stack: Module {
        var pairs: [Pair]
        var bias: Tensor?

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&pairs, named: "layers")
            visitor.visit(&bias, named: "bias")
        }
    }

    let pair = Pair(first: Tensor([1]), second: Tensor([2]))

    @Test func namesFollowThePath() {
        let names = Stack(pairs: [pair, pair], bias: Tensor([3])).parameters.map(\.name)
        #expect(names == ["layers.0.first", "layers.0.second", "layers.1.first", "layers.1.second", "bias"])
        #expect(
            Stack(pairs: [pair], bias: nil).parameters.map(\.name) == ["layers.0.first", "layers.0.second"])
    }

    @Test func parametersChangeInPlaceAndOnlyHere() {
        var stack = Stack(pairs: [pair], bias: Tensor([3]))
        let snapshot = stack
        stack.forEachParameter { _, parameter in parameter[0] += 10 }
        #expect(stack.parameters.map { $0.value.item() } == [11, 12, 13])
        #expect(snapshot.parameters.map { $0.value.item() } == [1, 2, 3])
    }

    /// In a process of its own, because the count is the process's.
    @Test func aSecondChangeCopiesNothing() async {
        await #expect(processExitsWith: .success) {
            var stack = Stack(pairs: [Pair(first: Tensor([1]), second: Tensor([2]))])
            stack.forEachParameter { _, parameter in parameter[0] += 10 }
            let snapshot = stack
            stack.forEachParameter { _, parameter in parameter[0] += 10 }
            #expect(CopyCount.bytes == 2 * MemoryLayout<Float>.stride)
            stack.forEachParameter { _, parameter in parameter[0] += 10 }
            #expect(CopyCount.bytes == 2 * MemoryLayout<Float>.stride)
            #expect(snapshot.parameters.map { $0.value.item() } == [11, 12])
        }
    }

    @Test func parameterCountAddsUpElements() {
        #expect(Stack(pairs: [pair, pair], bias: Tensor(zeros: [2, 3])).parameterCount == 10)
    }
}
