import Files
import Foundation
import JSON
import TextCorpus

/// A data set that is a folder: one of the Hub's, cloned, or what `datasets` wrote by `save_to_disk`.
///
/// The files of a split are those that its README lists in YAML (`configs`), or else follow from the files' names:
/// `train.jsonl`, `data/test-00000-of-00002.parquet`, `train/part.csv`.
///
/// - SeeAlso: https://huggingface.co/docs/hub/datasets-data-files-configuration
struct DatasetFolder {
    /// A configuration: its name, and the patterns of each split's files.
    private struct Configuration {
        var name: String
        var isDefault = false
        var splits: [(name: String, patterns: [String])] = []
    }

    private let path: String
    /// The files of records in it, by their paths from it, in order.
    private let files: [String]
    private let configurations: [Configuration]

    /// Returns the files at paths of the command line; a folder stands for the files of one of its splits.
    ///
    /// - Parameters:
    ///   - paths: Each a file, `DIR`, `DIR:SPLIT` or `DIR:CONFIGURATION/SPLIT`.
    ///   - split: The split where none is named.
    ///   - orTheOnly: Whether a folder of one split stands for that one, whatever its name.
    static func files(at paths: [String], split: String, orTheOnly: Bool = false) throws -> [URL] {
        try paths.flatMap { path -> [URL] in
            let parts = path.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            switch FileStatus(path) {
            case .folder: return try DatasetFolder(path).files(of: split, orTheOnly: orTheOnly)
            case .missing where parts.count == 2 && FileStatus(String(parts[0])).isFolder:
                return try DatasetFolder(String(parts[0])).files(of: String(parts[1]))
            default:
                try FeedbackFile.refuse(path)
                return [URL(filePath: path)]
            }
        }
    }

    /// Returns the files that are measured with: of a data set those of its split `test`, or of the only one that it has.
    static func evaluationFiles(at paths: [String]) throws -> [URL] {
        try files(at: paths, split: "test", orTheOnly: true)
    }

    private init(_ path: String) throws {
        self.path = path
        let paths: [String]
        do {
            paths = try FileManager.default.subpathsOfDirectory(atPath: path)
        } catch {
            throw FileError.unreadable(file: path, reason: error.localizedDescription)
        }
        files = paths.sorted().filter { file in
            let names = file.split(separator: "/")
            return !names.contains { $0.hasPrefix(".") } && Self.isData(String(names.last ?? ""))
                && FileStatus("\(path)/\(file)") == .file
        }
        configurations = try Self.configurations(of: URL(filePath: path).appending(component: "README.md"))
    }

    /// Whether a name is that of a file of records.
    private static func isData(_ name: String) -> Bool {
        let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
        let isNote = ["dataset_info.json", "state.json", "dataset_dict.json", "dataset_infos.json"].contains(
            name)
        return !isNote
            && (TableFile.isTable(name) || [".jsonl", ".json", ".ndjson"].contains { plain.hasSuffix($0) })
    }

    // MARK: Splits

    /// The files of `SPLIT`, or `CONFIGURATION/SPLIT`.
    private func files(of selection: String, orTheOnly: Bool = false) throws -> [URL] {
        let parts = selection.split(separator: "/", maxSplits: 1).map(String.init)
        let name = parts.last ?? selection
        let splits: [(name: String, files: [String])]
        if configurations.isEmpty {
            splits = conventionalSplits(in: parts.count == 2 ? parts[0] : nil)
        } else {
            splits = try configuration(named: parts.count == 2 ? parts[0] : nil).splits.map { split in
                let patterns = split.patterns.map(FilePattern.init)
                return (split.name, files.filter { file in patterns.contains { $0.matches(file) } })
            }
        }
        let filled = splits.filter { !$0.files.isEmpty }
        let only = orTheOnly && filled.count == 1 ? filled.first : nil
        guard let found = filled.first(where: { $0.name == name }) ?? only else {
            let names = filled.map(\.name)
            throw DatasetFolderError(
                path: path, found: "no files of the split '\(name)'",
                expected: names.isEmpty
                    ? "files of records: Parquet, Arrow, JSON Lines, JSON, CSV or TSV"
                    : "one of \(names.joined(separator: ", ")), as \(path):\(names[names.count - 1])")
        }
        return found.files.map { URL(filePath: path + "/" + $0) }
    }

    private func configuration(named name: String?) throws -> Configuration {
        let chosen =
            if let name {
                configurations.first { $0.name == name }
            } else if configurations.count == 1 {
                configurations.first
            } else {
                configurations.first(where: \.isDefault) ?? configurations.first { $0.name == "default" }
            }
        guard let chosen else {
            let names = configurations.map(\.name)
            throw DatasetFolderError(
                path: path,
                found: name.map { "no configuration '\($0)'" } ?? "no default among its configurations",
                expected: "one of \(names.joined(separator: ", ")), as \(path):\(names[0])/train")
        }
        return chosen
    }

    /// Returns the splits named by files and folders; if none is named, all is for training.
    private func conventionalSplits(in folder: String?) -> [(name: String, files: [String])] {
        let words = [
            ("train", ["train", "training"]), ("validation", ["validation", "valid", "val", "dev"]),
            ("test", ["test", "testing", "eval", "evaluation"]),
        ]
        let files = files.filter { file in folder.map { file.hasPrefix($0 + "/") } ?? true }
        let splits = words.map { name, words in
            (
                name: name,
                files: files.filter { file in
                    let parts = Set(file.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
                    return words.contains { parts.contains($0) }
                }
            )
        }
        return splits.allSatisfy(\.files.isEmpty) ? [("train", files)] : splits
    }

    // MARK: The README

    /// Reads the configurations from the YAML at the start of a README.
    private static func configurations(of readme: URL) throws -> [Configuration] {
        guard FileStatus(readme.path(percentEncoded: false)) == .file,
            let text = try String(validating: contents(of: readme), as: UTF8.self)
        else { return [] }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return [] }
        let yaml = lines[1..<end].joined(separator: "\n")
        let card = JSONValue(try YAMLFile(Array(yaml.utf8), of: readme.path(percentEncoded: false)))
        return (card["configs"]?.array ?? []).compactMap { entry in
            guard let name = entry["config_name"]?.string, let files = entry["data_files"] else { return nil }
            var configuration = Configuration(name: name, isDefault: entry["default"]?.bool ?? false)
            let folder = entry["data_dir"]?.string.map { $0 + "/" } ?? ""
            let isSplits = files.array?.first?.object != nil
            for split in isSplits ? files.array ?? [] : [["split": "train", "path": files]] {
                let paths = split["path"]?.string.map { [$0] } ?? split["path"]?.array?.compactMap(\.string)
                configuration.splits.append(
                    (split["split"]?.string ?? "train", (paths ?? []).map { folder + $0 }))
            }
            return configuration
        }
    }
}

/// A pattern of paths: `*` stands for part of a name, `**` for folders too, `?` for one character.
struct FilePattern {
    private enum Part {
        case character(Character), anyCharacter
        /// Any part of a name, of a path, and any number of whole folders.
        case partOfName, partOfPath, folders
    }

    private var parts: [Part] = []

    init(_ text: String) {
        var text = Substring(text)
        if text.hasPrefix("./") { text = text.dropFirst(2) }
        while let first = text.popFirst() {
            switch first {
            case "*" where text.first == "*":
                text = text.drop { $0 == "*" }
                parts.append(text.first == "/" ? .folders : .partOfPath)
                if text.first == "/" { text.removeFirst() }
            case "*": parts.append(.partOfName)
            case "?": parts.append(.anyCharacter)
            default: parts.append(.character(first))
            }
        }
    }

    /// Whether the whole of a path fits, in time in proportion to its length and that of the pattern.
    func matches(_ path: String) -> Bool {
        let path = Array(path)
        // Whether the parts so far fit the path up to each place.
        var fits = Array(repeating: false, count: path.count + 1)
        fits[0] = true
        for part in parts {
            var next = Array(repeating: false, count: path.count + 1)
            // Whether the part can have begun before a place, and still go on there.
            var isOpen = false
            for place in fits.indices {
                let last = place > 0 ? path[place - 1] : "/"
                switch part {
                case .character(let character):
                    next[place] = place > 0 && fits[place - 1] && last == character
                case .anyCharacter: next[place] = place > 0 && fits[place - 1] && last != "/"
                case .partOfName:
                    isOpen = fits[place] || isOpen && last != "/"
                    next[place] = isOpen
                case .partOfPath:
                    isOpen = isOpen || fits[place]
                    next[place] = isOpen
                case .folders:
                    next[place] = fits[place] || isOpen && last == "/"
                    isOpen = isOpen || fits[place]
                }
            }
            fits = next
        }
        return fits[path.count]
    }
}

/// A folder that has no such data.
struct DatasetFolderError: CommandError, CustomStringConvertible {
    var path: String
    var found: String
    var expected: String

    var outcome: Outcome { .missingInput }
    var description: String { "\(path): found \(found), expected \(expected)" }
}

extension FileStatus {
    fileprivate var isFolder: Bool { self == .folder }
}
