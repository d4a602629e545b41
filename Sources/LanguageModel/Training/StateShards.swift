import Foundation
import NeuralCore

/// The files of a checkpoint that hold the states of an optimizer, one of each process that updated parameters.
///
/// They stand beside the file of the parameters, which says how many there are and what identifies them.
struct StateShards: Codable, Hashable {
    /// The number of files.
    let count: Int
    /// Drawn for this checkpoint, so that no file of another is taken for one of it; hexadecimal.
    let identity: String

    private static let metadataKey = "states"

    init(count: Int, identity: UInt64) {
        self.count = count
        self.identity = String(identity, radix: 16)
    }

    /// The file with a number from 0.
    func url(_ number: Int, beside url: URL) -> URL {
        func padded(_ number: Int) -> String {
            String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
        }
        let stem = url.deletingPathExtension().lastPathComponent
        return url.deletingLastPathComponent().appending(
            component: "\(stem)-states-\(padded(number + 1))-of-\(padded(count)).safetensors")
    }

    /// The text that goes with the file of a number.
    func metadata(_ number: Int) -> [String: String] { [Self.metadataKey: title(number)] }

    private func title(_ number: Int) -> String {
        "states \(number + 1) of \(count) of checkpoint \(identity)"
    }

    /// Opens all of them.
    ///
    /// - Throws: `CheckpointError` where one is missing, is not whole or belongs to another checkpoint.
    func open(beside url: URL) throws(CheckpointError) -> [Checkpoint] {
        guard count > 0 else {
            throw .malformed(
                file: url.path(percentEncoded: false), key: nil, found: "\(count) files of states",
                expected: "1 or more")
        }
        var files: [Checkpoint] = []
        for number in 0..<count {
            let file = try Checkpoint(self.url(number, beside: url))
            let (found, expected) = (file.metadata[Self.metadataKey], title(number))
            guard found == expected else {
                throw .malformed(
                    file: file.path, key: nil, found: found ?? "no states", expected: expected)
            }
            files.append(file)
        }
        return files
    }
}
