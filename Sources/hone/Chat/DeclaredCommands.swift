import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// Programs that a model may ask to have run, as a file declares them.
///
/// ```json
/// [{"name": "list_files", "description": "The files of a folder.", "argv": ["ls", "-l", "--", "{path}"],
///   "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}}]
/// ```
struct DeclaredCommands {
    let commands: [DeclaredCommand]

    /// Reads a file: a list of commands, or an object with them under `tools`.
    init(contentsOf path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FileError.missing(file: path)
        }
        func problem(_ text: String) -> DeclaredCommandError {
            DeclaredCommandError(file: path, problem: text)
        }
        guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
            throw problem(isFolder.boolValue ? "it is a folder, expected a file" : "it cannot be read")
        }
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: Array(data)) } catch {
            throw problem("\(error)")
        }
        guard let list = (json["tools"] ?? json).array else {
            throw problem(
                "found \(json.kind), expected a list of commands, or an object with one under tools")
        }
        guard !list.isEmpty else { throw problem("the list of commands is empty") }
        var commands: [DeclaredCommand] = []
        for (index, entry) in list.enumerated() {
            do throws(DeclaredCommand.Problem) {
                let command = try DeclaredCommand(entry)
                guard !commands.contains(where: { $0.name == command.name }) else {
                    throw DeclaredCommand.Problem(text: "another command is named \(command.name)")
                }
                commands.append(command)
            } catch {
                throw problem("command \(index + 1): \(error.text)")
            }
        }
        self.commands = commands
    }
}

/// The reason why a file declares no commands.
struct DeclaredCommandError: CommandError, CustomStringConvertible {
    let file: String
    let problem: String
    var description: String { "\(file): \(problem)" }
    var outcome: Outcome { .badData }
}

/// A program with places for arguments, such as `["grep", "-n", "--", "{words}", "{file}"]`.
struct DeclaredCommand: Sendable {
    /// What is wrong with a declaration, or with the arguments of a call.
    struct Problem: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }

    let name: String
    let purpose: String
    let parameters: JSONValue
    let words: [String]
    /// The most seconds that it may take.
    let seconds: Double
    /// The most bytes that it may print.
    let bytes: Int

    init(_ json: JSONValue) throws(Problem) {
        guard let object = json.object else { throw Problem(text: "found \(json.kind), expected an object") }
        let known = ["name", "description", "parameters", "argv", "seconds", "bytes"]
        if let key = object.keys.first(where: { !known.contains($0) }) {
            throw Problem(text: "'\(key)' is not known; there is \(known.joined(separator: ", "))")
        }
        if let key = ["name", "description", "argv"].first(where: { object[$0] == nil }) {
            throw Problem(text: "'\(key)' is missing")
        }
        guard let name = object["name"]?.string, !name.isEmpty,
            name.utf8.allSatisfy({ $0 != UInt8(ascii: "\"") && (0x21...0x7E).contains($0) })
        else { throw Problem(text: "'name' is not a word of ASCII") }
        guard let purpose = object["description"]?.string else {
            throw Problem(text: "'description' is no text")
        }
        let argv = object["argv"]?.array ?? []
        words = argv.compactMap(\.string)
        guard !words.isEmpty, words.count == argv.count, !words.contains(where: { $0.utf8.contains(0) })
        else {
            throw Problem(text: "'argv' is not a list of words that begins with a program")
        }
        guard !words[0].isEmpty, Self.places(in: words[0]).isEmpty else {
            throw Problem(text: "'argv' has a place for an argument where the program should be named")
        }
        parameters = object["parameters"] ?? ["type": "object", "properties": [:]]
        do throws(JSONSchemaError) { _ = try JSONSchema(parameters) } catch {
            throw Problem(text: "'parameters': \(error)")
        }
        guard parameters.object != nil, parameters["type"] ?? "object" == "object" else {
            throw Problem(text: "'parameters' is not the schema of an object")
        }
        let properties = parameters["properties"]?.object ?? [:]
        for place in words.flatMap(Self.places) where properties[place] == nil {
            throw Problem(text: "'argv' has a place for \(place), which 'parameters' does not name")
        }
        guard let seconds = (object["seconds"] ?? 10).number, seconds > 0, seconds <= 3_600 else {
            throw Problem(text: "'seconds' is not a number greater than 0, up to 3600")
        }
        guard let bytes = (object["bytes"] ?? 16_384).integer, bytes > 0, bytes <= 1 << 24 else {
            throw Problem(text: "'bytes' is not a whole number from 1 to \(1 << 24)")
        }
        (self.name, self.purpose, self.seconds, self.bytes) = (name, purpose, seconds, bytes)
    }

    /// The names of the places in a word, such as `file` in `--in={file}`.
    private static func places(in word: String) -> [String] {
        word.matches(of: #/\{([A-Za-z_][A-Za-z0-9_-]*)\}/#).map { String($0.output.1) }
    }

    /// The program with its arguments. A word with a place for an argument that was not given is left out; a list is as many
    /// words, where its place is the whole word.
    func argv(_ arguments: JSONValue) throws(Problem) -> [String] {
        var argv: [String] = []
        for word in words {
            let places = Self.places(in: word)
            guard let first = places.first else {
                argv.append(word)
                continue
            }
            if places.contains(where: { (arguments[$0] ?? .null) == .null }) { continue }
            if word == "{\(first)}", let list = arguments[first]?.array {
                for element in list { argv.append(try Self.text(element, first)) }
                continue
            }
            // Each place is filled once: what an argument says is no place.
            var (filled, rest) = ("", word[...])
            while let place = rest.firstMatch(of: #/\{([A-Za-z_][A-Za-z0-9_-]*)\}/#) {
                let name = String(place.output.1)
                filled += rest[..<place.range.lowerBound]
                filled += try Self.text(arguments[name] ?? .null, name)
                rest = rest[place.range.upperBound...]
            }
            argv.append(filled + rest)
        }
        return argv
    }

    private static func text(_ value: JSONValue, _ name: String) throws(Problem) -> String {
        switch value {
        case .string(let text):
            guard !text.utf8.contains(0) else {
                throw Problem(text: "\(name) has a character that no argument can have")
            }
            return text
        case .bool, .integer, .number: return value.text()
        default: throw Problem(text: "\(name) is \(value.kind), which is no word of a command")
        }
    }
}
