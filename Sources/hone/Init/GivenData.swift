import Conversations
import Files
import Foundation
import JSON
import LanguageModel

/// The data for a recipe: files and folders by their contents, and a model to begin from.
struct GivenData {
    /// Paths as they were typed, and how many bytes of text they hold, about.
    struct Files {
        var paths: [String] = []
        var bytes = 0.0
    }

    /// Nothing was named: the built-in world.
    static let town = "the built-in town"

    /// Texts for a base model.
    private(set) var texts = Files()
    private(set) var conversations = Files()
    private(set) var preferences = Files()
    /// A folder that `hone corpus` made.
    private(set) var corpus: String?
    private(set) var model: (path: String, parameters: Int)?
    let isTown: Bool

    /// - Parameter line: Paths, with quotes around those that have spaces, or ``town``.
    init(_ line: String) throws {
        isTown = line == Self.town
        if isTown { return }
        for path in Self.words(line) { try add(path) }
        guard !texts.paths.isEmpty || !conversations.paths.isEmpty || !preferences.paths.isEmpty else {
            throw Questions.Unusable(expected: "something to learn from as well as a model")
        }
    }

    private mutating func add(_ path: String) throws {
        let status = FileStatus(path)
        guard status == .file || status == .folder else {
            throw Questions.Unusable(expected: "paths that are there; \(path) is not")
        }
        let url = URL(filePath: path)
        func holds(_ name: String) -> Bool { FileStatus("\(path)/\(name)") == .file }
        if holds("config.json") || url.pathExtension == "gguf" {
            guard model == nil else { throw Questions.Unusable(expected: "one model to begin from, not two") }
            guard let configuration = try? ModelDirectory(url).configuration() else {
                throw Questions.Unusable(expected: "a model that hone reads; \(path) is none")
            }
            model = (path, configuration.parameterCount)
            return
        }
        let bytes = Self.size(of: url, status)
        if holds("data-card.json") { corpus = path }
        if status == .file, let object = Self.firstRecord(of: path), object["text"] == nil {
            if Self.holds(PreferenceRecord.self, object) {
                preferences.paths.append(path)
                preferences.bytes += bytes
            } else if Self.holds(DemonstrationRecord.self, object) {
                conversations.paths.append(path)
                conversations.bytes += bytes
            } else {
                throw Questions.Unusable(
                    expected: "records with messages, prompt and completion, chosen and rejected, or text; "
                        + "the first of \(path) has \(object.keys.joined(separator: ", "))")
            }
            return
        }
        texts.paths.append(path)
        texts.bytes += bytes
    }

    private static func holds<Record: DatasetRecord>(_: Record.Type, _ object: JSONObject) -> Bool {
        (try? Record.records(in: object).isEmpty) == false
    }

    /// The first object of a file of JSON Lines or a JSON array; nil of any other file.
    private static func firstRecord(of path: String) -> JSONObject? {
        let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        guard ["jsonl", "json"].contains(URL(filePath: name).pathExtension),
            var lines = try? InputLines(path), let batch = try? lines.next()
        else { return nil }
        if let object = batch.lines.lazy.compactMap({ try? JSONValue(parsing: $0) }).first?.object {
            return object
        }
        // An array over several lines: the longest beginning that closes is not looked for in a file of any size.
        let whole = try? JSONValue(parsing: Array(batch.lines.joined(separator: [0x0A])))
        return whole?.array?.first?.object ?? whole?.object
    }

    private static let packing = 4.0
    private static let mostFiles = 1_000_000

    /// Returns the bytes of text in a file or folder; compressed files count four times their size.
    private static func size(of url: URL, _ status: FileStatus) -> Double {
        func bytes(_ file: URL) -> Double {
            let size = (try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0
            return Double(size) * (file.pathExtension == "gz" ? packing : 1)
        }
        guard status == .folder else { return bytes(url) }
        let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.fileSizeKey])
        var (total, count) = (0.0, 0)
        while count < mostFiles, let file = files?.nextObject() as? URL {
            total += bytes(file)
            count += 1
        }
        return total
    }

    /// The words of a line; what stands in quotes is one.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var (word, quote): (String?, Character?) = (nil, nil)
        for letter in line {
            if letter == quote {
                quote = nil
            } else if quote == nil, letter == "\"" || letter == "'" {
                (quote, word) = (letter, word ?? "")
            } else if quote == nil, letter.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(letter)
            }
        }
        return words + [word].compactMap(\.self)
    }
}
