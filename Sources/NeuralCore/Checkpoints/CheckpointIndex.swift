import Foundation
import JSON

/// The file of each array in a checkpoint of several files, from `model.safetensors.index.json`.
struct CheckpointIndex {
    private let url: URL
    private let path: String
    /// Ordered by key.
    private var fileNames: [(key: String, fileName: String)] = []

    init(_ url: URL) throws(CheckpointError) {
        self.url = url
        path = url.path(percentEncoded: false)
        let file: MappedFile
        do throws(FileError) {
            file = try MappedFile(url)
        } catch {
            throw .file(error)
        }
        guard file.bytes.count <= SafetensorsHeader.greatestByteCount else {
            throw .malformed(
                file: path, key: nil, found: "\(file.bytes.count) bytes",
                expected: "at most \(SafetensorsHeader.greatestByteCount)")
        }
        let map: [(key: String, fileName: String)]?
        do throws(JSONError) {
            map = try Self.weightMap(Array(file.bytes))
        } catch {
            throw .malformed(
                file: path, key: nil, found: error.found,
                expected: "\(error.expected) at byte \(error.offset)")
        }
        guard let map else {
            throw .malformed(file: path, key: nil, found: "no weight_map", expected: "one")
        }
        for (key, fileName) in map where !Self.isPlain(fileName) {
            throw .malformed(
                file: path, key: key, found: "the file \(fileName)",
                expected: "the name of a file beside the index")
        }
        fileNames = map.sorted { $0.key < $1.key }
    }

    private static func weightMap(_ bytes: [UInt8]) throws(JSONError) -> [(key: String, fileName: String)]? {
        var map: [(key: String, fileName: String)]?
        var json = JSONScanner(bytes, rules: SafetensorsHeader.rules)
        try json.enterObject()
        while let name = try json.nextKey() {
            guard name == "weight_map" else { continue }
            var members: [(key: String, fileName: String)] = []
            try json.enterObject()
            while let key = try json.nextKey() { members.append((key, try json.string())) }
            map = members
        }
        try json.end()
        return map
    }

    /// Opens every file.
    ///
    /// The index may name an array that its file does not hold: some tools leave out what can be computed, and leave
    /// its name. That is an error of whoever asks for the array.
    func openFiles() throws(CheckpointError) -> (files: [SafetensorsFile], fileOfKey: [String: Int]) {
        var files: [SafetensorsFile] = []
        var numbers: [String: Int] = [:]
        var fileOfKey: [String: Int] = [:]
        for (key, fileName) in fileNames {
            let number: Int
            if let opened = numbers[fileName] {
                number = opened
            } else {
                number = files.count
                numbers[fileName] = number
                files.append(
                    try SafetensorsFile(url.deletingLastPathComponent().appending(component: fileName)))
            }
            fileOfKey[key] = number
        }
        return (files, fileOfKey)
    }

    /// Returns whether a file name stays inside the folder of the index.
    private static func isPlain(_ fileName: String) -> Bool {
        !fileName.isEmpty && !fileName.hasPrefix(".")
            && !fileName.contains { $0 == "/" || $0 == "\\" || $0 == "\0" }
    }
}
