import Foundation

/// The messages of this session and earlier ones, in a file of its own: one JSON string a line, the latest last.
final class InputHistory {
    private static let most = 1_000
    private(set) var messages: [String] = []
    private let file: URL?

    /// What a file has; nil keeps nothing. A file that cannot be read or written is left as it is.
    init(_ file: URL?) {
        self.file = file
        guard let file, let text = try? String(contentsOf: file, encoding: .utf8) else { return }
        let decoder = JSONDecoder()
        messages = text.split(separator: "\n")
            .compactMap { try? decoder.decode(String.self, from: Data($0.utf8)) }
        if messages.count > 2 * Self.most {
            messages.removeFirst(messages.count - Self.most)
            try? Data(messages.map(Self.line).joined().utf8).write(to: file, options: .atomic)
            try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
    }

    /// The file where nothing else is asked for: in the user's folder for the state of programs.
    static var standardFile: URL {
        let environment = ProcessInfo.processInfo.environment
        let folder =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/state")
        return folder.appending(path: "hone/chat-history.jsonl")
    }

    /// Adds a message, unless it is the same as the one before; only the user can read the file.
    func add(_ message: String) {
        guard message.contains(where: { !$0.isWhitespace }), message != messages.last else { return }
        messages.append(message)
        guard let file else { return }
        let folder = file.deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // One call for a line, so that sessions beside each other do not mix theirs.
        let line = Array(Self.line(message).utf8)
        _ = write(descriptor, line, line.count)
    }

    private static func line(_ message: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: (try? encoder.encode(message)) ?? Data("\"\"".utf8), as: UTF8.self) + "\n"
    }
}
