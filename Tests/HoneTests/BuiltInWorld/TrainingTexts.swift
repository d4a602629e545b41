import BuiltInWorld
import Foundation

/// Everything a model may be trained on, in a small edition, read back from where it was written.
struct TrainingTexts {
    let world: World
    /// Pages without their clutter, by path.
    let pages: [String: String]
    /// Files of the repositories, by path.
    let code: [String: String]
    let demonstrations: [Demonstration]
    let preferences: [Preference]
    let prompts: [Prompt]

    init(seed: UInt64) throws {
        world = World(seed: seed)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "world-\(seed)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (website, repositories) = (folder.appending(path: "site"), folder.appending(path: "code"))
        try world.writeWebsite(to: website, characters: 200_000)
        try world.writeRepositories(to: repositories, characters: 60_000)
        pages = try Self.files(in: website)
        code = try Self.files(in: repositories)
        demonstrations = world.demonstrations(1_000)
        preferences = world.preferences(800)
        prompts = world.prompts(500)
    }

    private static func files(in folder: URL) throws -> [String: String] {
        var files: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            var isFolder: ObjCBool = false
            let file = folder.appending(path: path)
            _ = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
            if !isFolder.boolValue { files[path] = try String(contentsOf: file, encoding: .utf8) }
        }
        return files
    }

    /// All conversations, turn by turn.
    var turns: [String] {
        let prompted = preferences.map(\.prompt) + prompts
        return demonstrations.flatMap { $0.messages.map(\.content) }
            + prompted.flatMap { $0.messages.map(\.content) }
            + preferences.flatMap { [$0.chosen, $0.rejected] }
    }

    /// Every text there is.
    var all: [String] { Array(pages.values) + Array(code.values) + turns }

    /// The text of a page between the tags of its main part.
    static func readable(_ html: String) -> String {
        guard let start = html.firstRange(of: "<main>"), let end = html.firstRange(of: "</main>") else {
            return ""
        }
        var text = ""
        var isTag = false
        for character in html[start.upperBound..<end.lowerBound] {
            switch character {
            case "<": isTag = true
            case ">":
                isTag = false
                text += "\n"
            default: if !isTag { text.append(character) }
            }
        }
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
            text = text.replacing(entity, with: character)
        }
        return text
    }
}
