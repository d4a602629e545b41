import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct ParameterLoadingTests {
    @Test func savedParametersAreLoaded() throws {
        let saved = network(seed: 1)
        try withCheckpoint({ $0.add(parametersOf: saved) }) { checkpoint in
            #expect(
                Set(checkpoint.keys) == [
                    "pairs.0.first", "pairs.0.second", "pairs.1.first", "pairs.1.second", "head",
                ])
            var loaded = network(seed: 2)
            try checkpoint.loadParameters(into: &loaded)
            #expect(values(loaded) == values(saved))
        }
    }

    @Test func missingParameterLeavesTheModelAsItWas() throws {
        try withCheckpoint({ $0.add(Tensor([1, 2, 3]), named: "first") }) { checkpoint in
            var pair = Pair(first: Tensor([7, 7, 7]), second: Tensor([8]))
            #expect(throws: CheckpointError.missingKeys(["second"], file: checkpoint.path)) {
                try checkpoint.loadParameters(into: &pair)
            }
            #expect(pair.first.scalars == [7, 7, 7])
        }
    }

    @Test func unusedArrayIsNamedUnlessIgnored() throws {
        try withCheckpoint({
            $0.add(parametersOf: Pair(first: Tensor([1]), second: Tensor([2])))
            $0.add(Tensor(0), named: "rotary.frequencies")
        }) { checkpoint in
            var pair = Pair(first: Tensor([7]), second: Tensor([8]))
            #expect(throws: CheckpointError.unusedKeys(["rotary.frequencies"], file: checkpoint.path)) {
                try checkpoint.loadParameters(into: &pair)
            }
            #expect(pair.first.scalars == [7])
            let layout = ParameterLayout(ignoring: { $0.hasPrefix("rotary.") }) { .init(key: $0) }
            try checkpoint.loadParameters(into: &pair, layout: layout)
            #expect(pair.second.scalars == [2])
        }
    }

    @Test func otherShapeIsNamed() throws {
        try withCheckpoint({ $0.add(parametersOf: Pair(first: Tensor([1, 2]), second: Tensor([3]))) }) {
            checkpoint in
            var pair = Pair(first: Tensor(zeros: [2, 1]), second: Tensor([0]))
            let error = CheckpointError.misshapen(
                file: checkpoint.path, key: "first", found: [2], expected: [2, 1])
            #expect(throws: error) { try checkpoint.loadParameters(into: &pair) }
            #expect(error.description == "\(checkpoint.path): first: found shape [2], expected [2, 1]")
        }
    }

    @Test func layoutRenamesTransposesAndLeavesOut() throws {
        var random = RandomSource(seed: 3)
        let saved = Pair(first: Tensor(of: [70, 33], from: .normal(), using: &random), second: Tensor([1]))
        let layout = ParameterLayout { name in
            name == "first" ? .init(key: "c_attn.weight", isTransposed: true) : nil
        }.prefixed("transformer.")
        try withCheckpoint({
            $0.add(parametersOf: saved, layout: layout)
            $0.add(Tensor(0), named: "another.part")
        }) { checkpoint in
            #expect(checkpoint.shape(of: "transformer.c_attn.weight") == [33, 70])
            let stored = try checkpoint.tensor("transformer.c_attn.weight")
            #expect(stored[32, 69] == saved.first[69, 32])

            var loaded = Pair(first: Tensor(zeros: [70, 33]), second: Tensor([5]))
            try checkpoint.loadParameters(into: &loaded, layout: layout)
            #expect(loaded.first.scalars == saved.first.scalars)
            #expect(loaded.second.scalars == [5])

            var square = Pair(first: Tensor(zeros: [33, 70]), second: Tensor([5]))
            #expect(
                throws: CheckpointError.misshapen(
                    file: checkpoint.path, key: "transformer.c_attn.weight", found: [33, 70],
                    expected: [70, 33])
            ) { try checkpoint.loadParameters(into: &square, layout: layout) }
        }
    }

    @Test func longListsOfKeysAreCut() {
        let error = CheckpointError.missingKeys((0..<9).map { "layer.\($0)" }, file: "m.safetensors")
        #expect(
            error.description
                == "m.safetensors: lacks layer.0, layer.1, layer.2, layer.3, layer.4 and 4 more")
    }
}

private struct Network: Module {
    var pairs: [Pair]
    var head: Tensor

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&pairs, named: "pairs")
        visitor.visit(&head, named: "head")
    }
}

private func network(seed: UInt64) -> Network {
    var random = RandomSource(seed: seed)
    return Network(
        pairs: (0..<2).map { _ in
            Pair(
                first: Tensor(of: [3, 2], from: .normal(), using: &random),
                second: Tensor(of: [5], from: .normal(), using: &random))
        },
        head: Tensor(of: [], from: .normal(), using: &random))
}

private func values(_ model: some Module) -> [[Float]] { model.parameters.map(\.value.scalars) }

private func withCheckpoint(
    _ fill: (inout SafetensorsWriter) -> Void, _ body: (Checkpoint) throws -> Void
) throws {
    try withTemporaryFolder { folder in
        let url = folder.appending(component: "model.safetensors")
        var writer = SafetensorsWriter()
        fill(&writer)
        try writer.write(to: url)
        try body(Checkpoint(url))
    }
}
