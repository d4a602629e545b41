public import Foundation
import JSON

extension SafetensorsWriter {
    /// Writes a checkpoint into a folder: as `model.safetensors` or, if that would be too large, as several files and
    /// `model.safetensors.index.json`, which says what is where.
    ///
    /// A checkpoint that is there already is replaced in one step: new files get names of their own until the index names
    /// them, and only then the old ones go. Interrupted at any moment, the folder holds the old one or the new one.
    ///
    /// - Parameters:
    ///   - folder: The folder, which must exist.
    ///   - limit: The most bytes of arrays in one file; an array that is larger has a file to itself.
    public func write(toFolder folder: URL, bytesPerFile limit: Int) throws(FileError) {
        let single = folder.appending(component: "model.safetensors")
        let index = folder.appending(component: "model.safetensors.index.json")
        let old = Self.shards(in: folder)
        let parts = parts(of: limit)
        if parts.count <= 1 {
            try write(to: single)
            Self.remove([index] + old)
            return
        }
        let stem = old.isEmpty ? "model" : "model-" + Self.freshName()
        var map: [String: String] = [:]
        for (number, part) in parts.enumerated() {
            let name = "\(stem)-\(Self.padded(number + 1))-of-\(Self.padded(parts.count)).safetensors"
            try part.write(to: folder.appending(component: name))
            for addition in part.additions { map[addition.key] = name }
        }
        let total = additions.reduce(0) { $0 + $1.byteCount }
        try writeAtomically(Self.index(map, totalBytes: total), to: index)
        Self.remove([single] + old)
    }

    /// The arrays, in their order, for as many files as the limit asks for.
    private func parts(of limit: Int) -> [SafetensorsWriter] {
        var parts: [SafetensorsWriter] = []
        var room = 0
        for addition in additions {
            if parts.isEmpty || addition.byteCount > room {
                parts.append(SafetensorsWriter(metadata: metadata))
                room = limit
            }
            parts[parts.count - 1].additions.append(addition)
            room -= addition.byteCount
        }
        return parts
    }

    private static func index(_ map: [String: String], totalBytes: Int) -> [UInt8] {
        let index: JSONValue = [
            "metadata": ["total_size": .integer(totalBytes)],
            "weight_map": .object(JSONObject(map.map { ($0.key, .string($0.value)) })),
        ]
        return Array(index.text(.sorted).utf8)
    }

    /// The files that an earlier checkpoint in several files has left in a folder.
    private static func shards(in folder: URL) -> [URL] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.filter { $0.hasPrefix("model-") && $0.contains("-of-") && $0.hasSuffix(".safetensors") }
            .map { folder.appending(component: $0) }
    }

    /// Removes files that nothing names any more; one that stays does no harm.
    private static func remove(_ files: [URL]) {
        for file in files { try? FileManager.default.removeItem(at: file) }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private static func freshName() -> String { String(UUID().uuidString.prefix(8)).lowercased() }
}
