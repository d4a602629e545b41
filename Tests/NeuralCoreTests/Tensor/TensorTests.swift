import NeuralCore
import Testing

@Suite struct TensorTests {
    @Test func aCopyIsUntouchedByWritingTheOriginal() {
        let original = Tensor([1, 2, 3, 4], shape: [2, 2])
        var changed = original
        changed[1, 0] = 30
        #expect(original.scalars == [1, 2, 3, 4])
        #expect(changed.scalars == [1, 2, 30, 4])
    }

    @Test func aSoleOwnerIsWrittenInPlace() {
        var tensor = Tensor(zeros: [8])
        let before = tensor.withUnsafeBuffer { $0.baseAddress }
        tensor[3] = 1
        #expect(tensor.withUnsafeBuffer { $0.baseAddress } == before)
    }

    @Test func shapesFoldIntoRowsAndChannels() {
        let tensor = Tensor(zeros: [2, 3, 5])
        #expect(tensor.count == 30)
        #expect(tensor.rows == 6)
        #expect(tensor.channels == 5)
        #expect(tensor.shape[-1] == 5)
        #expect(Tensor(4).shape == [])
        #expect(Tensor(zeros: [0, 4]).count == 0)
    }

    @Test func descriptionAlignsRowsAndShortensLongAxes() {
        #expect(
            Tensor([1, 2, -3, 4], shape: [2, 2]).description == """
                Tensor [2, 2]
                [[ 1.0000,  2.0000],
                 [-3.0000,  4.0000]]
                """)
        let long = Tensor((0..<100).map(Float.init), shape: [100]).description
        #expect(
            long == """
                Tensor [100]
                [ 0.0000,  1.0000,  2.0000, …, 97.0000, 98.0000, 99.0000]
                """)
        #expect(Tensor([.nan, 1]).description.contains("nan"))
    }

    @Test func aWrongScalarCountNamesShapeAndCount() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor([1, 2, 3], shape: [2, 2])
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("3 scalars") && message.contains("[2, 2]"))
    }
}
