import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct SafetensorsWriterTests {
    @Test func whatIsWrittenIsRead() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "state.safetensors")
            var random = RandomSource(seed: 1)
            let matrix = Tensor(of: [3, 5], from: .normal(), using: &random)
            let special = Tensor([
                0, -0.0, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            ])
            var writer = SafetensorsWriter(metadata: ["format": "pt", "run": "\"quoted\" \\ \u{1} 🐚"])
            writer.add(matrix, named: "matrix")
            writer.add([1, -2, 3] as [Int], named: "steps")
            writer.add([200, 100] as [UInt8], shape: [1, 2], named: "bytes")
            writer.add([.min, .max] as [Int32], named: "tokens")
            writer.add(special, named: "spécial \"key\"\n")
            writer.add(Tensor(0.25), named: "scalar", as: .float16)
            writer.add(Tensor(zeros: [0, 4]), named: "empty", as: .bfloat16)
            try writer.write(to: url)

            let file = try SafetensorsFile(url)
            #expect(file.metadata == ["format": "pt", "run": "\"quoted\" \\ \u{1} 🐚"])
            #expect(try file.tensor("matrix").scalars == matrix.scalars)
            #expect(try file.tensor("matrix").shape == [3, 5])
            #expect(try file.integers("steps") == [1, -2, 3])
            #expect(file.type(of: "steps") == .int64)
            #expect(try file.integers("bytes") == [200, 100] as [UInt8])
            #expect(file.shape(of: "bytes") == [1, 2])
            #expect(try file.integers("tokens") == [Int32.min, .max])
            #expect(
                try file.tensor("spécial \"key\"\n").scalars.map(\.bitPattern)
                    == special.scalars.map(\.bitPattern))
            #expect(try file.tensor("scalar").item() == 0.25)
            #expect(try file.tensor("empty").shape == [0, 4])
            #expect(try fileNames(in: folder) == ["state.safetensors"])
        }
    }

    @Test(arguments: [StoredType.bfloat16, .float16])
    func halfPrecisionRoundsToNearest(type: StoredType) throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "half.safetensors")
            var random = RandomSource(seed: 2)
            // More than the writer converts at a time.
            let tensor = Tensor(of: [1_100_003], from: .normal(), using: &random)
            var writer = SafetensorsWriter()
            writer.add(tensor, named: "x", as: type)
            try writer.write(to: url)

            let read = try SafetensorsFile(url).tensor("x")
            // Half a unit in the last of 8 or 11 bits; and the halves themselves must survive a second round.
            let precision: Float = type == .bfloat16 ? 0x1p-8 : 0x1p-11
            let worst = zip(read.scalars, tensor.scalars).map { abs($0 - $1) / max(abs($1), 0x1p-14) }.max()!
            #expect(worst <= precision)
            #expect(worst > precision * 0.9)
            var again = SafetensorsWriter()
            again.add(read, named: "x", as: type)
            let second = folder.appending(component: "again.safetensors")
            try again.write(to: second)
            #expect(try Data(contentsOf: second) == Data(contentsOf: url))
        }
    }

    @Test func arraysBeginAtMultiplesOfTheirElements() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "aligned.safetensors")
            var writer = SafetensorsWriter()
            writer.add([1] as [UInt8], named: "byte")
            writer.add(Tensor([1, 2, 3]), named: "half", as: .bfloat16)
            writer.add(Tensor([1]), named: "float")
            writer.add([1] as [Int64], named: "long")
            try writer.write(to: url)
            #expect(try SafetensorsFile(url).keys == ["long", "float", "half", "byte"])
            let header = try Data(contentsOf: url).prefix(8).withUnsafeBytes {
                $0.loadUnaligned(as: UInt64.self)
            }
            #expect(header % 8 == 0)
        }
    }

    @Test func sameArraysSameBytes() throws {
        try withTemporaryFolder { folder in
            let urls = ["a", "b"].map { folder.appending(component: $0) }
            for url in urls {
                var writer = SafetensorsWriter(metadata: ["one": "1", "two": "2", "three": "3"])
                for name in ["z", "a", "m"] { writer.add(Tensor([1, 2]), named: name) }
                try writer.write(to: url)
            }
            #expect(try Data(contentsOf: urls[0]) == Data(contentsOf: urls[1]))
        }
    }

    @Test func emptyFileIsAFile() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "empty")
            try SafetensorsWriter(metadata: [:]).write(to: url)
            #expect(try SafetensorsFile(url).keys.isEmpty)
        }
    }

    @Test func tensorChangedAfterItWasAddedIsWrittenAsItWas() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "value")
            var tensor = Tensor([1, 2])
            var writer = SafetensorsWriter()
            writer.add(tensor, named: "x")
            tensor[0] = 5
            try writer.write(to: url)
            #expect(try SafetensorsFile(url).tensor("x").scalars == [1, 2])
        }
    }

    @Test func secondArrayOfANameIsAMistake() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var writer = SafetensorsWriter()
            writer.add(Tensor(0), named: "weight")
            writer.add(Tensor(1), named: "weight")
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("an array named weight cannot be added: the name is taken"))
    }
}
