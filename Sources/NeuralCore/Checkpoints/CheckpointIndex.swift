import Foundation

/// Which file of a checkpoint in several holds which array, as `model.safetensors.index.json` says.
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
        var map: [(key: String, fileName: String)]?
        var scanner = JSONScanner(file.bytes)
        do throws(JSONScanner.Mismatch) {
            try scanner.object { name, scanner throws(JSONScanner.Mismatch) in
                guard name == "weight_map" else { return try scanner.skipValue() }
                var members: [(key: String, fileName: String)] = []
                try scanner.object { key, scanner throws(JSONScanner.Mismatch) in
                    members.append((key, try scanner.string()))
                }
                map = members
            }
            try scanner.end()
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

    /// Whether a name stays in the folder of the index.
    private static func isPlain(_ fileName: String) -> Bool {
        !fileName.isEmpty && !fileName.hasPrefix(".")
            && !fileName.contains { $0 == "/" || $0 == "\\" || $0 == "\0" }
    }
}
