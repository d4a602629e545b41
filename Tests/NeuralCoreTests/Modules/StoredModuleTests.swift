import Foundation
import NeuralCore
import TestSupport
import Testing

/// Maps that are kept as stored matrices do not learn, and nothing passes over them in silence.
@Suite struct StoredModuleTests {
    struct Model: Module {
        var table: Embedding
        var map: Linear

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            visitor.visit(&table, named: "table")
            visitor.visit(&map, named: "map")
        }
    }

    static func model() -> Model {
        var random = RandomSource(seed: 3)
        return Model(
            table: Embedding(vocabularySize: 7, channels: 5, using: &random),
            map: Linear(inputs: 5, outputs: 9, using: &random))
    }

    static func expect(
        _ result: ExitTest.Result?, names parameter: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            message.contains("\(parameter), of shape [") && message.contains("neither trained nor written"),
            "\(message)", sourceLocation: sourceLocation)
    }

    @Test func aMapThatIsStoredIsNotDifferentiated() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var model = StoredModuleTests.model()
            model.map = model.map.stored(as: .int8)
            _ = valueWithGradient(at: model) { $0.map($0.table([1, 2])).sum() }
        }
        Self.expect(result, names: "map.weight")
    }

    @Test func anEmbeddingThatIsStoredIsNotUpdated() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var model = StoredModuleTests.model()
            let (_, gradient) = valueWithGradient(at: model) { $0.map($0.table([1, 2])).sum() }
            model.table = model.table.stored(as: .float32)
            var optimizer = SGD()
            optimizer.update(&model, along: gradient, learningRate: 0.1)
        }
        Self.expect(result, names: "table.weight")
    }

    @Test func aMapThatIsStoredIsNotWritten() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var model = StoredModuleTests.model()
            model.map = model.map.stored(as: .bfloat16)
            var writer = SafetensorsWriter()
            writer.add(parametersOf: model)
        }
        Self.expect(result, names: "map.weight")
    }

    @Test func aVisitorThatKnowsNothingOfStoredMatricesRefusesThem() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            struct Counting: ParameterVisitor {
                var count = 0
                mutating func enter(_ name: String) {}
                mutating func leave() {}
                mutating func visit(_ parameter: inout Tensor, named: String) { count += 1 }
            }
            var (visitor, model) = (Counting(), StoredModuleTests.model())
            model.visitParameters(&visitor)
            guard visitor.count == 3 else { return }
            model.table = model.table.stored(as: .int8)
            model.visitParameters(&visitor)
        }
        Self.expect(result, names: "weight")
    }

    @Test(arguments: StoredMatrix.Format.allCases) func someMatricesAreReplacedByStoredOnes(
        _ format: StoredMatrix.Format
    ) {
        let expected = Self.model()
        var model = Self.model()
        var names: [String] = []
        model.forEachParameter(
            replacing: { $0 == "map.weight" ? StoredMatrix(expected.map.weight, as: format) : nil },
            { name, _ in names.append(name) })
        #expect(names == ["table.weight", "map.bias"])
        #expect(model.table.stored == nil)
        var random = RandomSource(seed: 8)
        let x = Tensor(of: [3, 5], from: .normal(), using: &random)
        #expect(model.map(x).scalars == expected.map.stored(as: format)(x).scalars)
        // Some of the outputs are those of the whole.
        let part = model.map.part(2..<6)
        #expect(part.outputs == 4)
        for row in 0..<3 {
            #expect(part(x)[row..<row + 1].scalars == Array(model.map(x)[row..<row + 1].scalars[2..<6]))
        }
    }

    /// More elements than are read at once, in rows that do not divide them.
    @Test(arguments: StoredMatrix.Format.allCases) func aMatrixOfAFileHasTheBitsOfItsTensor(
        _ format: StoredMatrix.Format
    ) throws {
        try withTemporaryFolder { folder in
            var random = RandomSource(seed: 9)
            let weight = Tensor(of: [3_001, 701], from: .normal(), using: &random)
            let url = folder.appending(component: "weights.safetensors")
            for type in [StoredType.float32, .float16, .bfloat16] {
                var writer = SafetensorsWriter()
                writer.add(Tensor([1, 2, 3]), named: "before", as: type)
                writer.add(weight, named: "weight", as: type)
                try writer.write(to: url)
                let file = try SafetensorsFile(url)
                let straight = try file.matrix("weight", as: format)
                let expected = StoredMatrix(try file.tensor("weight"), as: format)
                #expect(straight.shape == weight.shape)
                #expect(straight.byteCount == expected.byteCount)
                #expect(straight.tensor.scalars == expected.tensor.scalars)
                if type == .float32 { #expect(try file.tensor("weight").scalars == weight.scalars) }
            }
        }
    }
}
