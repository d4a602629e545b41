public import Foundation

/// The arrays of a model on disk: one safetensors file, or several that an index binds together.
///
///     let checkpoint = try Checkpoint(modelDirectory)
///     try checkpoint.loadParameters(into: &model)
public struct Checkpoint: Sendable {
    /// The file that stands for the whole, for messages: the only one, or the index.
    public let path: String

    /// The names of the arrays: in the order of the file, or by name if there are several.
    public private(set) var keys: [String]

    private var files: [SafetensorsFile]
    private var fileOfKey: [String: Int]

    /// Opens a checkpoint.
    ///
    /// - Parameter url: A safetensors file; an index, whose name ends in `.json`; or a folder that holds
    ///   `model.safetensors` or else `model.safetensors.index.json`.
    public init(_ url: URL) throws(CheckpointError) {
        let single = url.appending(component: "model.safetensors")
        let index = url.appending(component: "model.safetensors.index.json")
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: url.path(percentEncoded: false), isDirectory: &isFolder)
        if exists, isFolder.boolValue {
            let hasSingle = FileManager.default.fileExists(atPath: single.path(percentEncoded: false))
            let hasIndex = FileManager.default.fileExists(atPath: index.path(percentEncoded: false))
            try self.init(file: hasIndex && !hasSingle ? index : single)
        } else {
            try self.init(file: url)
        }
    }

    private init(file url: URL) throws(CheckpointError) {
        path = url.path(percentEncoded: false)
        if url.pathExtension == "json" {
            let (files, fileOfKey) = try CheckpointIndex(url).openFiles()
            (self.files, self.fileOfKey) = (files, fileOfKey)
            keys = fileOfKey.filter { files[$1].shape(of: $0) != nil }.keys.sorted()
        } else {
            let file = try SafetensorsFile(url)
            files = [file]
            keys = file.keys
            fileOfKey = Dictionary(uniqueKeysWithValues: keys.map { ($0, 0) })
        }
    }

    /// Takes an array for several that follow one another in it, of other names and shapes.
    ///
    /// - Throws: `CheckpointError.malformed` where the checkpoint has an array of one of these names already.
    /// - Precondition: The array is there, and they have as many elements together.
    package mutating func separate(
        _ key: String, into parts: [(key: String, shape: Shape)]
    ) throws(CheckpointError) {
        guard let file = fileOfKey.removeValue(forKey: key), let place = keys.firstIndex(of: key) else {
            throw .missingKeys([key], file: path)
        }
        if let other = parts.first(where: { fileOfKey[$0.key] != nil })?.key {
            throw .malformed(
                file: path, key: other, found: "a part of \(key) too", expected: "one of the two")
        }
        files[file].separate(key, into: parts)
        for part in parts { fileOfKey[part.key] = file }
        keys.replaceSubrange(place...place, with: parts.map(\.key))
    }

    /// The shape of an array, or nil if there is none of that name.
    public func shape(of key: String) -> Shape? { fileOfKey[key].flatMap { files[$0].shape(of: key) } }

    /// Returns the element type of an array, or nil if there is none with that name.
    public func type(of key: String) -> StoredType? { fileOfKey[key].flatMap { files[$0].type(of: key) } }

    /// The text that goes with the arrays; that of the first file if there are several.
    public var metadata: [String: String] { files.first?.metadata ?? [:] }

    /// An array as a tensor; see `SafetensorsFile.tensor(_:)`.
    public func tensor(_ key: String) throws(CheckpointError) -> Tensor {
        try file(of: key).tensor(key)
    }

    /// An array of two axes in a format; see `SafetensorsFile.matrix(_:as:)`.
    package func matrix(
        _ key: String, as format: StoredMatrix.Format
    ) throws(CheckpointError) -> StoredMatrix {
        try file(of: key).matrix(key, as: format)
    }

    /// Returns whether two arrays have the same shape and the same numbers.
    package func areEqual(_ a: String, _ b: String) throws(CheckpointError) -> Bool {
        guard let shape = shape(of: a), shape == self.shape(of: b) else { return false }
        guard shape.count > 0 else { return true }
        guard type(of: a) == type(of: b) else { return try tensor(a).scalars == tensor(b).scalars }
        let other = try file(of: b)
        let result = try file(of: a).withUnsafeBytes(of: a) { bytes in
            Result { () throws(CheckpointError) in
                try other.withUnsafeBytes(of: b) {
                    memcmp(bytes.baseAddress!, $0.baseAddress!, bytes.count) == 0
                }
            }
        }
        return try result.get()
    }

    /// An array as integers; see `SafetensorsFile.integers(_:as:)`.
    public func integers<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type = Integer.self
    ) throws(CheckpointError) -> [Integer] {
        try file(of: key).integers(key, as: type)
    }

    private func file(of key: String) throws(CheckpointError) -> SafetensorsFile {
        guard let number = fileOfKey[key] else { throw .missingKeys([key], file: path) }
        return files[number]
    }
}
