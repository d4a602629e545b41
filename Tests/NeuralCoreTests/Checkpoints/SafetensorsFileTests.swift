import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
    private static let types = fixtureURL("safetensors-types.safetensors")

    @Test(arguments: StoredType.allCases)
    func everyTypeReadsAsPyTorchReadsIt(type: StoredType) throws {
        let file = try SafetensorsFile(Self.types)
        #expect(file.type(of: type.rawValue) == type)
        let numbers = try file.tensor(type.rawValue)
        let expected = try file.tensor("\(type.rawValue).float32")
        #expect(numbers.shape == expected.shape)
        for (number, expected) in zip(numbers.scalars, expected.scalars) {
            #expect(expected.isNaN ? number.isNaN : number.bitPattern == expected.bitPattern)
        }
    }

    @Test func scalarsAndEmptyArraysHaveTheirShapes() throws {
        let file = try SafetensorsFile(Self.types)
        #expect(try file.tensor("scalar").item() == 0.5)
        #expect(file.shape(of: "scalar") == [])
        #expect(try file.tensor("empty").shape == [3, 0, 2])
        #expect(try file.integers("empty", as: Int.self) == [])
    }

    @Test func metadataIsText() throws {
        #expect(try SafetensorsFile(Self.types).metadata == ["format": "pt", "note": "naïve \"quotes\"\n"])
    }

    @Test func integersAreExact() throws {
        let file = try SafetensorsFile(Self.types)
        #expect(try file.integers("I64") == [Int64.min, .max, .max / 3, 7])
        #expect(try file.integers("U64") == [UInt64.min, .max, .max / 3, 7])
        #expect(try file.integers("I8", as: Int32.self) == [-128, 127, 42, 7])
        #expect(try file.integers("BOOL", as: Int32.self) == [1, 0, 1])
    }

    @Test func integersThatDoNotFitAreRefused() throws {
        let file = try SafetensorsFile(Self.types)
        let path = Self.types.path(percentEncoded: false)
        #expect(
            throws: CheckpointError.malformed(
                file: path, key: "I64", found: "-9223372036854775808 at position 0",
                expected: "integers from -2147483648 to 2147483647")
        ) { try file.integers("I64", as: Int32.self) }
        #expect(
            throws: CheckpointError.malformed(
                file: path, key: "F32", found: "elements of type F32", expected: "integers from 0 to 255")
        ) { try file.integers("F32", as: UInt8.self) }
    }

    @Test func absentKeyIsNamed() throws {
        let file = try SafetensorsFile(Self.types)
        #expect(throws: CheckpointError.missingKeys(["weight"], file: file.path)) {
            try file.tensor("weight")
        }
        #expect(file.shape(of: "weight") == nil)
    }

    @Test func absentFileIsNamed() {
        let url = URL(filePath: "/absent/model.safetensors")
        #expect(throws: CheckpointError.file(.missing(file: "/absent/model.safetensors"))) {
            try SafetensorsFile(url)
        }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(URL(filePath: "/dev/zero")) }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(URL.temporaryDirectory) }
    }

    @Test func arraysMayBeginAtAnyByte() throws {
        let numbers: [Float] = [1, 2.5, -3]
        let header =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
            + #""f":{"dtype":"F32","shape":[3],"data_offsets":[1,13]},"#
            + #""h":{"dtype":"BF16","shape":[2],"data_offsets":[13,17]},"#
            + #""i":{"dtype":"I32","shape":[1],"data_offsets":[17,21]}}"#
        let bytes = [7] + numbers.withUnsafeBytes(Array.init) + [0x80, 0x3F, 0x00, 0xC0] + [1, 1, 0, 0]
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "askew")
            for padding in 0..<8 {
                try safetensors(header + String(repeating: " ", count: padding), bytes).write(to: url)
                let file = try SafetensorsFile(url)
                #expect(try file.tensor("f").scalars == numbers)
                #expect(try file.tensor("h").scalars == [1, -2])
                #expect(try file.integers("i") == [257 as Int])
                #expect(file.keys == ["a", "f", "h", "i"])
            }
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: sharedModels.path(percentEncoded: false))))
    func filesOfOtherProgramsAreRead() throws {
        let model = try SafetensorsFile(sharedModels.appending(component: "gen-model.safetensors"))
        #expect(model.keys == ["weight1", "weight2"])
        #expect(try model.tensor("weight2").shape == [16, 16])

        let layers = try SafetensorsFile(sharedModels.appending(component: "multi_layer.safetensors"))
        #expect(layers.keys.count == 9)
        #expect(try layers.integers("norm1.num_batches_tracked") == [1 as Int])
        #expect(
            try layers.tensor("norm1.running_var").scalars == [0.90088123, 0.90333146, 0.9034477, 0.90318274])
        #expect(try layers.tensor("fc1.weight").scalars.allSatisfy { abs($0) <= 1 / 16 })
    }
}

/// Small files that other programs wrote, beside the package where it is developed.
private let sharedModels = fixtureURL("").deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(components: "shared", "data", "models", "safetensors")
