import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct CheckpointTests {
    @Test func folderWithOneFileIsThatFile() throws {
        try withTemporaryFolder { folder in
            try write(["a": Tensor([1, 2])], to: folder.appending(component: "model.safetensors"))
            let checkpoint = try Checkpoint(folder)
            #expect(checkpoint.keys == ["a"])
            #expect(checkpoint.metadata == ["format": "pt"])
            #expect(checkpoint.path.hasSuffix("/model.safetensors"))
            #expect(try checkpoint.tensor("a").scalars == [1, 2])
        }
    }

    @Test func indexBindsFilesTogether() throws {
        try withTemporaryFolder { folder in
            try write(
                ["b": Tensor([1, 2]), "spare": Tensor(0)], to: folder.appending(component: "one.safetensors"))
            try write(
                ["a": Tensor([3]), "c": Tensor([4])], to: folder.appending(component: "two.safetensors"))
            try writeIndex(
                #"{"metadata":{"total_size":20,"nested":[{"a":[null,true,-1.5e3,"\n"]}]},"#
                    + #""weight_map":{"b":"one.safetensors","a":"two.safetensors","c":"two.safetensors"}}"#,
                in: folder)
            let checkpoint = try Checkpoint(folder)
            #expect(checkpoint.keys == ["a", "b", "c"])
            #expect(try checkpoint.tensor("b").scalars == [1, 2])
            #expect(try checkpoint.tensor("c").scalars == [4])
            #expect(checkpoint.shape(of: "a") == [1])
            #expect(throws: CheckpointError.missingKeys(["spare"], file: checkpoint.path)) {
                try checkpoint.tensor("spare")
            }
        }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"weight_map":[]}"#, #"{"weight_map":{"a":3}}"#,
        #"{"weight_map":{"a":"absent.safetensors"}}"#,
        #"{"weight_map":{"a":"../model.safetensors"}}"#, #"{"weight_map":{"a":"/etc/passwd"}}"#,
        #"{"weight_map":{"a":".."}}"#, #"{"weight_map":{"a":""}}"#,
        #"{"weight_map":{"a":"one\u0000.safetensors"}}"#,
        #"{"weight_map":{"a":"one.safetensors"}} {"#,
        #"{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}"#,
        #"{"metadata":nonsense,"weight_map":{}}"#,
        #"{"metadata":"# + String(repeating: "[", count: 1_000_000),
        #"{"weight_map":{"a":"model.safetensors.index.json"}}"#,
    ])
    func lyingIndexIsRefused(index: String) throws {
        try withTemporaryFolder { folder in
            try write(["a": Tensor(1)], to: folder.appending(component: "one.safetensors"))
            try writeIndex(index, in: folder)
            #expect(throws: CheckpointError.self) { try Checkpoint(folder) }
        }
    }

    @Test func anArrayThatOnlyTheIndexHasIsMissedWhenItIsAskedFor() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(component: "one.safetensors")
            try write(["a": Tensor(1)], to: file)
            try writeIndex(#"{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}"#, in: folder)
            let checkpoint = try Checkpoint(folder)
            #expect(checkpoint.keys == ["a"])
            #expect(checkpoint.shape(of: "b") == nil)
            #expect(try checkpoint.tensor("a").item() == 1)
            let path = file.path(percentEncoded: false)
            #expect(throws: CheckpointError.missingKeys(["b"], file: path)) { try checkpoint.tensor("b") }
        }
    }

    @Test func arraysAreEqualWhereTheirNumbersAre() throws {
        try withTemporaryFolder { folder in
            var writer = SafetensorsWriter()
            for (name, tensor) in [
                ("a", Tensor([1, 2])), ("b", Tensor([1, 2])), ("c", Tensor([1, 3])), ("d", Tensor([1])),
            ] { writer.add(tensor, named: name) }
            writer.add(Tensor([1, 2]), named: "e", as: .bfloat16)
            try writer.write(to: folder.appending(component: "model.safetensors"))
            let checkpoint = try Checkpoint(folder)
            let equal = try "abcdef".map { try checkpoint.areEqual("a", String($0)) }
            #expect(equal == [true, true, false, false, true, false])
        }
    }

    @Test func mutatedIndexIsReadOrRefused() throws {
        var random = RandomSource(seed: 4)
        let index = [UInt8](#"{"metadata":{"total_size":4},"weight_map":{"a":"one.safetensors"}}"#.utf8)
        var readable = 0
        try withTemporaryFolder { folder in
            try write(["a": Tensor(1)], to: folder.appending(component: "one.safetensors"))
            for _ in 0..<1_000 {
                var mutated = index
                for _ in 0..<2 {
                    mutated[random.integer(in: 0..<index.count)] = UInt8(random.integer(in: 0..<256))
                }
                try Data(mutated).write(to: folder.appending(component: "model.safetensors.index.json"))
                if (try? Checkpoint(folder)) != nil { readable += 1 }
            }
        }
        #expect((1..<900).contains(readable))
    }

    @Test func folderWithoutAModelIsNamed() throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(component: "model.safetensors").path(percentEncoded: false)
            #expect(throws: CheckpointError.file(.missing(file: path))) { try Checkpoint(folder) }
        }
    }
}

private func write(_ tensors: [String: Tensor], to url: URL) throws {
    var writer = SafetensorsWriter()
    for (name, tensor) in tensors { writer.add(tensor, named: name) }
    try writer.write(to: url)
}

private func writeIndex(_ text: String, in folder: URL) throws {
    try Data(text.utf8).write(to: folder.appending(component: "model.safetensors.index.json"))
}
