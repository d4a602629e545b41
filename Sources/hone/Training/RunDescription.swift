import Alignment
import Files
import Foundation
import LanguageModel
import NeuralCore

/// `run.json`: the command of a run, its options, and fingerprints of its inputs.
///
///     {
///       "command": "sft",
///       "contents": { "data": "5ab1…", "model_weights": "90f3…" },
///       "options": { "batch": 4, "data": ["conversations.jsonl"], "learning_rate": 0.001, "no_shuffle": false, … },
///       "processor": "avx512"
///     }
///
/// The options are those of the command line, with defaults filled in; paths are written as
/// they were typed. A run can be resumed if options and contents are the same, except for those in ``mayChange``.
struct RunDescription {
    /// The command's name.
    var command: String
    /// The value of each option, by its name with underscores.
    var options: JSONObject
    /// Fingerprints of data and models.
    var contents: [String: String]
    /// The kernels and the processor that the run began on; they are not compared.
    var processor: String

    /// Options that may differ when a run is resumed: paths, since `contents` identifies the files; the length of the run
    /// in units other than `steps`; measurements and messages that do not affect training.
    static let mayChange: Set = [
        "output", "model", "data", "map", "base", "corpus", "tokenizer", "reference", "teacher",
        "reward_model",
        "mix_in", "sft_data",
        "epochs", "tokens", "resume", "dry_run", "json", "checkpoint_every", "validation", "validate_every",
        "evaluate_every",
        "strict", "merge", "tensorboard", "shard_optimizer",
    ]

    /// Options that came later, with the values that runs had before.
    private static let laterOptions: [(String, JSONValue)] = [
        ("accumulation", .integer(1)), ("reduction", .string("exact")),
    ]

    private static let members: Set = ["command", "options", "contents", "processor"]

    /// The error of a file that describes no run, with the expected contents.
    struct Malformed: Error { var expected: String }

    /// Reads `run.json`.
    ///
    /// - Throws: ``Malformed``, and `FileError` where it cannot be read.
    init(contentsOf file: URL) throws { try self.init(Data(Files.contents(of: file))) }

    /// Reads the text of the file.
    init(_ data: Data) throws(Malformed) {
        guard let json = try? JSONValue(parsing: Array(data)), let command = json["command"]?.string
        else { throw Malformed(expected: "the command and the options of a run") }
        guard var options = json["options"]?.object, let contents = json["contents"]?.object else {
            throw Malformed(
                expected: "\"options\" and \"contents\"; a run that an earlier hone began "
                    + "cannot go on here: begin it anew in another --output")
        }
        if let other = json.object?.keys.first(where: { !Self.members.contains($0) }) {
            throw Malformed(
                expected: "no \"\(other)\": a later hone may have begun the run, and it goes on there")
        }
        for (name, value) in Self.laterOptions where options[name] == nil { options[name] = value }
        var texts: [String: String] = [:]
        for (key, value) in contents.members {
            guard let text = value.string else { throw Malformed(expected: "a string under \"\(key)\"") }
            texts[key] = text
        }
        self.init(
            command: command, options: options, contents: texts, processor: json["processor"]?.string ?? "")
    }

    init(command: String, options: JSONObject, contents: [String: String], processor: String) {
        (self.command, self.options, self.contents, self.processor) = (command, options, contents, processor)
    }

    /// The text of the file.
    var data: Data {
        let object = JSONObject([
            ("command", .string(command)), ("options", .object(options)),
            ("contents", .object(JSONObject(contents.map { ($0.key, .string($0.value)) }))),
            ("processor", .string(processor)),
        ])
        return Data((JSONValue.object(object).text(.sorted) + "\n").utf8)
    }

    /// Something that makes two runs different ones.
    enum Difference {
        /// An option, as it is typed, with its values in the run that is there and in the one to be.
        case option(name: String, found: String, expected: String)
        /// What was read: an option with its value, what was read there, and both fingerprints.
        case contents(input: String, found: String, expected: String)
    }

    /// Options whose values follow from others where they are not given.
    private static let followingOptions: Set = [
        "lora_alpha", "lora_dropout", "learning_rate", "critic_learning_rate", "warmup",
    ]

    /// Returns a difference between this run and `expected`; nil if one can resume the other.
    ///
    /// - Parameter typed: The options that were typed, as `--seed`. Where several differ, it is one of these, and none whose
    ///   value may follow from another.
    func difference(from expected: RunDescription, typed: Set<String> = []) -> Difference? {
        guard command == expected.command else {
            return .option(name: "hone", found: command, expected: expected.command)
        }
        var names = Set(options.keys).union(expected.options.keys).subtracting(Self.mayChange)
        // When there are evaluations matters where something follows from them.
        if names.contains("keep_best") || names.contains("patience") { names.insert("evaluate_every") }
        let differing = names.filter { options[$0] != expected.options[$0] }.sorted()
        let name =
            differing.first { typed.contains(Self.typed($0)) }
            ?? differing.first { !Self.followingOptions.contains($0) } ?? differing.first
        if let name {
            return .option(
                name: Self.typed(name), found: Self.shown(options[name]),
                expected: Self.shown(expected.options[name]))
        }
        let others = Set(contents.keys).union(expected.contents.keys)
        for name in others.sorted() where contents[name] != expected.contents[name] {
            let (option, noun) = Self.inputs[name] ?? (name, "contents")
            return .contents(
                input: "the \(noun) of \(Self.typed(option)) \(Self.shown(expected.options[option]))",
                found: contents[name] ?? "none", expected: expected.contents[name] ?? "none")
        }
        return nil
    }

    /// The option that names the files of each of the ``contents``, and the noun for what is read there.
    private static let inputs = [
        "corpus": ("corpus", "tokens"), "data": ("data", "examples"), "columns": ("data", "columns"),
        "validation": ("validation", "examples"), "mix_in": ("mix_in", "tokens"),
        "sft_data": ("sft_data", "examples"),
        "model_weights": ("model", "weights"), "reference_weights": ("reference", "weights"),
        "teacher_weights": ("teacher", "weights"),
        "reward_model_weights": ("reward_model", "weights"),
    ]

    private static func typed(_ option: String) -> String { "--" + option.replacing("_", with: "-") }

    /// The rows of a report: options and contents by name.
    var rows: [(String, String)] {
        options.members.map { ($0.key, Self.shown($0.value)) }.sorted { $0.0 < $1.0 }
            + contents.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The rows as a table in Markdown.
    var table: String {
        let rows = rows.map { "| \($0) | \($1.replacing("|", with: "\\|")) |\n" }
        return Self.tableHead + rows.joined()
    }

    /// The beginning of every table of settings.
    static let tableHead = "| setting | value |\n|---|---|\n"

    private static func shown(_ value: JSONValue?) -> String {
        value.map { $0.string ?? $0.array?.map { shown($0) }.joined(separator: ", ") ?? $0.text() } ?? "unset"
    }
}
