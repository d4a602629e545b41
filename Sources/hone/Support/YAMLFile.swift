import Files
import Foundation
import JSON
import Yams

/// A file that is not valid YAML, or an unexpected value in it.
struct YAMLError: CommandError, CustomStringConvertible {
    var file: String
    var line: Int?
    var found: String
    var expected: String

    var description: String {
        "\(file): \(line.map { "line \($0): " } ?? "")found \(found), expected \(expected)"
    }
    var outcome: Outcome { .badData }
}

/// A value in a document, with its line.
struct YAMLValue {
    enum Content {
        /// - isPlain: Whether it stands without quotes, so that it may be a number, a truth or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLValue])
        case mapping([Member])
    }

    struct Member {
        var key: String
        var line: Int
        var value: YAMLValue
    }

    var line: Int
    var content: Content

    /// Whether the value is absent: empty, `~` or `null`.
    var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    /// The truth that `true` or `false` without quotes stands for.
    var truth: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return ["true": true, "false": false][text.lowercased()]
    }

    /// The words of a short scalar, or else the kind of value, for messages.
    var shown: String {
        switch content {
        case _ where isNull: "null"
        case .scalar(let text, _): text.utf8.count <= 40 ? JSONValue.string(text).text() : "a long text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A document in YAML, of which JSON is a part.
///
/// A key that stands twice is refused, and so is a file of more than 1 MiB or one whose aliases would make it grow.
struct YAMLFile {
    let path: String
    private(set) var root: YAMLValue

    private static let mostBytes = 1 << 20
    private static let mostValues = 100_000
    /// A replacement for the asterisk of an alias during parsing: the parser would copy the aliased value wherever it is
    /// named, before its size could be checked.
    private static let asterisk = "\u{E000}"

    /// Reads a file or, as `<(…)` of a shell is one, a pipe.
    init(_ path: String) throws {
        try self.init(try InputFile(path, acceptsPipes: true).read(atMost: Self.mostBytes + 1), of: path)
    }

    /// Reads a document that is part of a file.
    init(_ bytes: [UInt8], of path: String) throws {
        self.path = path
        root = YAMLValue(line: 1, content: .sequence([]))
        guard bytes.count <= Self.mostBytes else { throw refused("more than 1 MiB", "at most that") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refused("bytes that are no UTF-8", "text in UTF-8")
        }
        guard !text.contains(Self.asterisk) else { throw refused("the private character U+E000", "none") }
        do {
            let parser = try Parser(yaml: text.replacing("*", with: Self.asterisk))
            guard let node = try parser.singleRoot() else { throw refused("nothing", "a document") }
            // Nodes know their anchors only as long as the parser is there.
            root = try withExtendedLifetime(parser) {
                var reading = Reading(file: path)
                reading.note(node)
                return try reading.value(of: node, line: 1)
            }
        } catch let error as YamlError {
            throw error.readable(in: path)
        }
    }

    private func refused(_ found: String, _ expected: String) -> YAMLError {
        YAMLError(file: path, found: found, expected: expected)
    }

    /// Turns nodes into values, aliases into what they name.
    private struct Reading {
        let file: String
        private var anchors: [String: Node] = [:]
        private var count = 0

        init(file: String) { self.file = file }

        /// Takes note of the anchors.
        mutating func note(_ node: Node) {
            if let anchor = node.anchor { anchors[anchor.rawValue] = node }
            switch node {
            case .sequence(let nodes): for node in nodes { note(node) }
            case .mapping(let pairs):
                for (key, value) in pairs {
                    note(key)
                    note(value)
                }
            case .scalar, .alias: break
            }
        }

        /// - Parameters:
        ///   - line: The line, for a node that does not know its own.
        ///   - depth: The number of values around it.
        mutating func value(of node: Node, line: Int, depth: Int = 0) throws -> YAMLValue {
            let line = node.mark?.line ?? line
            func refused(_ found: String, _ expected: String) -> YAMLError {
                YAMLError(file: file, line: line, found: found, expected: expected)
            }
            count += 1
            guard count <= mostValues else { throw refused("more than 100,000 values", "fewer") }
            guard depth < 100 else { throw refused("values in more than 100 others", "fewer") }
            switch node {
            case .scalar(let scalar):
                if scalar.style == .plain, scalar.string.hasPrefix(asterisk) {
                    let name = String(scalar.string.dropFirst())
                    guard let node = anchors[name] else {
                        throw refused("the alias *\(restored(name))", "one whose anchor is in the file")
                    }
                    var value = try value(of: node, line: line, depth: depth + 1)
                    value.line = line
                    return value
                }
                let isPlain = scalar.style == .plain
                return YAMLValue(
                    line: line, content: .scalar(restored(scalar.string), isPlain: isPlain))
            case .sequence(let nodes):
                let values = try nodes.map { try value(of: $0, line: line, depth: depth + 1) }
                return YAMLValue(line: line, content: .sequence(values))
            case .mapping(let pairs):
                var members: [YAMLValue.Member] = []
                var keys: Set<String> = []
                for (key, node) in pairs {
                    let line = key.mark?.line ?? line
                    guard let name = key.scalar?.string, !name.hasPrefix(asterisk) else {
                        throw YAMLError(
                            file: file, line: line, found: "a key that is no text", expected: "text")
                    }
                    guard keys.insert(name).inserted else {
                        throw YAMLError(
                            file: file, line: line, found: "\(restored(name)) twice",
                            expected: "each key once")
                    }
                    members.append(
                        .init(
                            key: restored(name), line: line,
                            value: try value(of: node, line: line, depth: depth + 1)))
                }
                return YAMLValue(line: line, content: .mapping(members))
            case .alias(let alias):
                throw refused("the alias *\(alias.anchor.rawValue)", "the value itself")
            }
        }

        private func restored(_ text: String) -> String { text.replacing(asterisk, with: "*") }
    }
}

extension JSONValue {
    /// Reads a document in YAML. Numbers, truths and null are those of YAML's core schema.
    init(yaml file: URL) throws { self.init(try YAMLFile(file.path(percentEncoded: false))) }

    /// The document as JSON has it.
    init(_ file: YAMLFile) { self.init(file.root) }

    private init(_ value: YAMLValue) {
        switch value.content {
        case _ where value.isNull: self = .null
        case .scalar(let text, let isPlain):
            if let truth = value.truth {
                self = .bool(truth)
            } else if isPlain, let number = Int(text) {
                self = .integer(number)
            } else if isPlain, let number = Double(text), number.isFinite, text.contains(where: \.isNumber) {
                self = .number(number)
            } else {
                self = .string(text)
            }
        case .sequence(let values): self = .array(values.map { JSONValue($0) })
        case .mapping(let members):
            self = .object(JSONObject(members.map { ($0.key, JSONValue($0.value)) }))
        }
    }
}

extension YamlError {
    /// The error with the file's name and line.
    fileprivate func readable(in file: String) -> YAMLError {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            if let missing = problem.firstMatch(of: #/^(?:did|could) not find expected (.+)$/#) {
                return YAMLError(
                    file: file, line: mark.line, found: "something else", expected: String(missing.output.1))
            }
            let words = problem.replacing(
                #/^(but )?found |, set with yaml_set_max_nest_level\(\)\)/#, with: "")
            return YAMLError(file: file, line: mark.line, found: words, expected: "YAML")
        case .duplicatedKeysInMapping(let keys, let context):
            return YAMLError(
                file: file, line: context.mark.line, found: "\(keys.joined(separator: ", ")) twice",
                expected: "each key once")
        case .reader(let problem, _, let value, _):
            return YAMLError(
                file: file, found: "\(problem), U+\(String(value, radix: 16, uppercase: true))",
                expected: "text")
        default: return YAMLError(file: file, found: "\(self)", expected: "YAML")
        }
    }
}
