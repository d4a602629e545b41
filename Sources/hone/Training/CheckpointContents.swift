import Files
import Foundation
import JSON
import NeuralCore

/// `contents.json` of a checkpoint: its other files with their sizes, and checksums that reveal damage.
///
///     {
///       "files": { "training.safetensors": { "bytes": 4096, "fingerprint": "5ab1…" }, … },
///       "format": 2
///     }
///
/// The format's number grows when files, or keys in them, come to mean something else, or when there are new ones that a run
/// cannot go on without: a build refuses a number that it does not know, and keys too.
struct CheckpointContents: Codable {
    /// A file of a checkpoint.
    struct File: Codable {
        /// Its size; nil where an earlier build did not note it.
        var bytes: Int?
        var fingerprint: String
    }

    /// The files by their paths below the checkpoint's folder.
    var files: [String: File] = [:]
    var format = Self.latestFormat

    static let fileName = "contents.json"
    private static let latestFormat = 2

    init() {}

    /// Those of files of a checkpoint, by their paths below its folder.
    init(of names: some Sequence<String>, in folder: URL) throws(FileError) {
        for name in names { files[name] = try File(folder.appending(path: name)) }
    }

    /// Reads what another process sent, or a file holds.
    init(_ bytes: [UInt8], file: String) throws(TrainingRunError) {
        do {
            let json = try JSONValue(parsing: bytes)
            // The first format had fingerprints by name and no more.
            if let first = try? json.decoded(as: [String: String].self), !first.isEmpty {
                files = first.mapValues { File(bytes: nil, fingerprint: $0) }
                return
            }
            if let format = json["format"]?.integer, format != Self.latestFormat {
                throw TrainingRunError.malformed(
                    file: file,
                    expected: "format \(Self.latestFormat), found format \(format), which another build wrote"
                )
            }
            self = try json.decodedWhole()
        } catch let error as TrainingRunError {
            throw error
        } catch {
            throw .malformed(file: file, expected: "the files of a checkpoint: \(error)")
        }
    }

    /// Reads the file of a checkpoint. One without it is not used: nothing would tell of damage.
    init(contentsOf folder: URL) throws {
        let list = folder.appending(component: Self.fileName)
        try self.init(contents(of: list), file: list.path(percentEncoded: false))
    }

    /// Writes the file.
    func write(to folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try writeAtomically(encoder.encode(self), to: folder.appending(component: Self.fileName))
    }

    /// Compares a process's share of the files with what was written.
    func check(_ folder: URL, _ communicator: any Communicator) throws {
        try checkSizes(folder)
        let names = files.keys.sorted()
        for number in WorkSharing(among: communicator).own(of: names.count) {
            let file = folder.appending(path: names[number])
            guard try File(file).fingerprint == files[names[number]]?.fingerprint else {
                throw TrainingRunError.malformed(
                    file: file.path(percentEncoded: false), expected: "the bytes that were written")
            }
        }
    }

    /// The paths of the files of a checkpoint below its folder, but for this list and what is hidden.
    static func names(in folder: URL) throws -> [String] {
        let path = folder.path(percentEncoded: false)
        var names: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init()
        where name != fileName && !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
            let values = try folder.appending(path: name).resourceValues(forKeys: [.isRegularFileKey])
            if values.isRegularFile == true { names.append(name) }
        }
        return names
    }

    /// Makes sure that these files, and no others, are there with the sizes that they had, without reading them.
    func checkSizes(_ folder: URL) throws {
        if let other = try Self.names(in: folder).sorted().first(where: { files[$0] == nil }) {
            throw TrainingRunError.malformed(
                file: folder.appending(path: other).path(percentEncoded: false),
                expected: "no file that \(Self.fileName) does not list")
        }
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            let path = folder.appending(path: name).path(percentEncoded: false)
            let found = try InputFile(path).size
            guard let bytes = file.bytes, bytes != found else { continue }
            throw TrainingRunError.malformed(
                file: path, expected: "\(bytes) bytes as they were written, found \(found)")
        }
    }
}

extension CheckpointContents.File {
    /// Reads a file.
    fileprivate init(_ url: URL) throws(FileError) {
        let file = try MappedFile(url)
        var fingerprint = Fingerprint()
        fingerprint.add(bulk: file.bytes)
        self.init(bytes: file.bytes.count, fingerprint: fingerprint.text)
    }
}
