import Foundation
import NeuralCore
import Testing

/// Files of the `gguf` package, and our own read back.
@Suite struct GGUFFileTests {
    static let types: [GGUFType] = GGUFType.allCases

    @Test(arguments: types) func blocksAreTheNumbersThatThePackageReads(_ type: GGUFType) throws {
        let file = try GGUFFile(fixtureURL("GGUF/blocks.gguf"))
        let expected = try SafetensorsFile(fixtureURL("GGUF/blocks.safetensors"))
        #expect(file[type.rawValue]?.type == type)
        #expect(try file.tensor(type.rawValue).scalars == expected.tensor(type.rawValue).scalars)
        #expect(try file.tensor(type.rawValue).shape == expected.tensor(type.rawValue).shape)
    }

    @Test(arguments: [GGUFType.float32, .float16, .bfloat16, .q80, .q40])
    func blocksAreWrittenAsThePackageWritesThem(_ type: GGUFType) throws {
        let source = try SafetensorsFile(fixtureURL("GGUF/blocks.safetensors")).tensor(
            type.rawValue + ".source")
        let written = try temporary { url in
            var writer = GGUFWriter()
            writer.add("a", shape: source.shape, as: type) { source }
            try writer.write(to: url)
            return Array(
                try Data(contentsOf: url).suffix(source.count / type.numbersPerBlock * type.bytesPerBlock))
        }
        let package = try Data(contentsOf: fixtureURL("GGUF/blocks.gguf"))
        #expect(package.firstRange(of: written) != nil)
    }

    /// A level is at most half a step off, and a scale of six bits at most one part in 126 of the greatest.
    @Test func fourBitsAreWithinTheirStep() throws {
        var random = RandomSource(seed: 2)
        let numbers = (0..<4 * 512).map { _ in random.normal() }
        let tensor = Tensor(numbers, shape: [4, 512])
        let read = try temporary { url in
            var writer = GGUFWriter()
            writer.add("a", shape: [4, 512], as: .q4K) { tensor }
            try writer.write(to: url)
            return try GGUFFile(url).tensor("a").scalars
        }
        for begin in stride(from: 0, to: numbers.count, by: 32) {
            let group = numbers[begin..<begin + 32]
            let range = max(0, group.max()!) - min(0, group.min()!)
            for index in group.indices { #expect(abs(read[index] - numbers[index]) < range / 15) }
        }
        let error = zip(read, numbers).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(numbers.count)
        // 4.5 bits of a normal distribution: sixteen levels over some four deviations.
        #expect(error.squareRoot() < 0.08)
    }

    @Test func valuesOfEveryTypeAreRead() throws {
        let values = try GGUFFile(fixtureURL("GGUF/blocks.gguf")).values
        #expect(values["general.name"] == .text("blocks ▁"))
        #expect(values["test.strings"] == .strings(["a", "", "é"].map { Array($0.utf8) }))
        #expect(values["test.integers"] == .integers([1, -2, 3]))
        #expect(values["test.numbers"] == .numbers([0.5, -1.25]))
        #expect(values["test.flags"] == .bools([true, false]))
        #expect(values["test.uint8"] == .integer(200, .uint8))
        #expect(values["test.int8"] == .integer(-100, .int8))
        #expect(values["test.uint16"] == .integer(60_000, .uint16))
        #expect(values["test.int16"] == .integer(-30_000, .int16))
        #expect(values["test.uint64"] == .integer(1 << 40, .uint64))
        #expect(values["test.int64"] == .integer(-(1 << 40), .int64))
        #expect(values["test.float64"] == .number(0.1, .float64))
        #expect(values["test.flag"] == .bool(true))
    }

    @Test func writtenValuesAreReadAgain() throws {
        let values: [(String, GGUFValue)] = [
            ("a", .integer(-5, .int8)), ("b", .integer(1 << 40, .int64)), ("c", .number(0.25)),
            ("d", .number(0.1, .float64)), ("e", .bool(false)), ("f", .text("é")), ("g", .integers([1, -2])),
            ("h", .numbers([0.5])), ("i", .bools([true])), ("j", .strings([[], [65]])),
            ("k", .integer(7, .uint16)),
        ]
        let file = try temporary { url in
            var writer = GGUFWriter()
            for (key, value) in values { writer.add(key, value) }
            try writer.write(to: url)
            return try GGUFFile(url)
        }
        #expect(file.keys == values.map(\.0))
        for (key, value) in values { #expect(file.values[key] == value) }
    }

    @Test func numbersThatATypeCannotHoldAreRefused() throws {
        for (type, number) in [(GGUFType.float16, Float(70_000)), (.q80, .nan), (.bfloat16, .infinity)] {
            #expect(throws: CheckpointError.self) {
                try temporary { url in
                    var writer = GGUFWriter()
                    writer.add("a", shape: [1, 32], as: type) {
                        Tensor([number] + [Float](repeating: 0, count: 31), shape: [1, 32])
                    }
                    try writer.write(to: url)
                }
            }
        }
    }

    // MARK: Hostile files

    /// A file of one key and two tensors; each place is where it lies.
    private static func bytes(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        try temporary { url in
            var writer = GGUFWriter()
            writer.add("k", .text("value"))
            for name in ["a", "b"] {
                writer.add(name, shape: [2, 4], as: .float32) { Tensor(zeros: [2, 4]) }
            }
            try writer.write(to: url)
            var bytes = [UInt8](try Data(contentsOf: url))
            change(&bytes)
            return bytes
        }
    }

    /// Where a liar lies: the byte, what stands there then, and the key that the error names.
    static let lies: [(place: Int, byte: UInt8, key: String?)] = [
        (0, 0x46, nil),  // the magic
        (4, 1, nil),  // the version
        (15, 0x7F, nil),  // the count of tensors
        (16, 200, nil), (23, 0x7F, nil),  // the count of keys
        (24, 0, "key 0"), (31, 0x7F, "key 0"),  // the length of a key
        (33, 13, "k"),  // the type of a value
        (37, 250, "k"), (44, 0x7F, "k"),  // the length of a string
        (50, 0, "tensor 0"), (50, 65, "tensor 0"),  // the length of a name
        (59, 0, "a"), (59, 9, "a"),  // the count of axes
        (63, 0, "a"), (70, 0x7F, "a"), (78, 0x7F, "a"),  // an axis
        // a type there is none of, and one whose blocks are longer than the rows
        (79, 99, "a"), (79, 8, "a"),
        (83, 1, "a"), (90, 0x7F, "a"),  // an offset off the alignment, and one beyond the file
        (124, 0, "b"),  // the offset of another tensor
    ]

    @Test(arguments: lies.indices) func liesAreRefusedByKey(_ index: Int) throws {
        let lie = Self.lies[index]
        let bytes = try Self.bytes { $0[lie.place] = lie.byte }
        let error = #expect(throws: CheckpointError.self) {
            try temporary { url in
                try Data(bytes).write(to: url)
                _ = try GGUFFile(url)
            }
        }
        guard case .malformed(_, let key, _, _)? = error else {
            Issue.record("\(lie): \(String(describing: error))")
            return
        }
        #expect(key == lie.key)
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = try Self.bytes { _ in }
        for count in 0..<bytes.count - 32 {
            #expect(throws: CheckpointError.self) {
                try temporary { url in
                    try Data(bytes.prefix(count)).write(to: url)
                    _ = try GGUFFile(url)
                }
            }
        }
    }
}

/// Gives `body` a place for a file.
private func temporary<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(component: "\(UUID()).gguf")
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url)
}
