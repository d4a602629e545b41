import Feedback
import Files
import Foundation
import JSON

/// The command was built without what the trait Server adds.
struct NotBuiltError: CommandError, CustomStringConvertible {
    /// What was asked for, such as `serve …`.
    let command: String

    var description: String {
        """
        this command was built without its server and SQLite; build it with
          sudo apt-get install -y libsqlite3-dev && swift run -c release --traits Server hone \(command)
        """
    }

    var outcome: Outcome { .usage }
}

extension FeedbackError: CommandError {
    var outcome: Outcome {
        switch self {
        case .missing: .missingInput
        case .malformed, .newer: .badData
        case .failed: .inputOutput
        }
    }
}

/// People left nothing in a file that a command could learn from.
struct NothingSaidError: CommandError, CustomStringConvertible {
    /// Its path.
    let file: String
    /// The records that the command learns from.
    let wanted: FeedbackExport

    var description: String {
        "\(file): nothing to train on: people left no \(wanted.rawValue) in it; "
            + "hone feedback stats counts what they did leave"
    }

    var outcome: Outcome { .badData }
}

/// A file of feedback stands where it is not read as records.
private struct FeedbackIsNoRecordsError: CommandError, CustomStringConvertible {
    /// Its path.
    let file: String

    var description: String {
        "\(file): a database of SQLite, as hone serve --feedback writes it, expected records; print them with "
            + "hone feedback export \(file) --as preferences, labels or demonstrations"
    }

    var outcome: Outcome { .badData }
}

/// The file in which `hone serve --feedback` keeps what people say, where other files of records are expected.
enum FeedbackFile {
    /// Whether a file is one of SQLite, by how it begins.
    static func isOne(_ path: String) -> Bool {
        guard FileStatus(path) == .file, let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 16)).map { $0 == Data("SQLite format 3\0".utf8) } ?? false
    }

    /// Refuses a file of feedback where records are expected, and says how to have them.
    static func refuse(_ path: String) throws {
        if isOne(path) { throw FeedbackIsNoRecordsError(file: path) }
    }

    /// Reads paths, of which files of feedback are exported for the while.
    ///
    /// - Parameters:
    ///   - export: The records to export; nil where feedback has none of the kind.
    ///   - read: Reads the paths that stand for them.
    static func exporting<Records>(
        _ paths: [String], as export: FeedbackExport?, _ read: ([String]) throws -> Records
    ) throws -> Records {
        guard let export, paths.contains(where: isOne) else { return try read(paths) }
        let folder = FileManager.default.temporaryDirectory.appending(component: "hone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try read(
            paths.enumerated().map { index, path in
                guard isOne(path) else { return path }
                let name = "\(URL(filePath: path).lastPathComponent).\(export.rawValue)-\(index).jsonl"
                let file = folder.appending(component: name)
                let command = "feedback export \(path) --as \(export.rawValue)"
                let lines = try export.records(of: judgments(of: path, for: command)).map { $0.text() + "\n" }
                guard !lines.isEmpty else { throw NothingSaidError(file: path, wanted: export) }
                try Data(lines.joined().utf8).write(to: file)
                return file.path(percentEncoded: false)
            })
    }

    /// The judgments of a file.
    ///
    /// - Parameter command: The command that reads them, for the error where it was built without SQLite.
    static func judgments(of path: String, for command: String) throws -> [Judgment] {
        #if Server
        return try FeedbackStore(path, mustExist: true).judgments()
        #else
        throw NotBuiltError(command: command)
        #endif
    }
}
