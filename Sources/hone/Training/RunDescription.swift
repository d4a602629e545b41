import Foundation

/// `run.json`: the command of a run and its settings.
enum RunDescription {
    /// The settings by flag, with the command under `command`; nil where the file is not there or says something else.
    static func settings(in file: URL) -> [String: String]? {
        guard let data = FileManager.default.contents(atPath: file.path(percentEncoded: false)) else {
            return nil
        }
        return try? JSONDecoder().decode([String: String].self, from: data)
    }
}
