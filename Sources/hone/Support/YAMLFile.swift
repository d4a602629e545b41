import Files
import Foundation
import JSON
import Yams

/// A file in YAML that cannot be read as one.
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

extension JSONValue {
    /// Reads a document in YAML, of which JSON is a part.
    ///
    /// Numbers, truths and null are those of YAML's core schema; a key that stands twice is refused, and so is a file of more
    /// than 1 MiB or one whose aliases would make it grow.
    init(yaml file: URL) throws {
        let path = file.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FileError.missing(file: path)
        }
        guard data.count <= 1 << 20, let text = String(data: data, encoding: .utf8) else {
            throw YAMLError(file: path, found: "\(data.count) bytes", expected: "at most 1 MiB of UTF-8")
        }
        let node: Node?
        do {
            node = try Parser(yaml: text).singleRoot()
        } catch let error as YamlError {
            throw YAMLError(file: path, line: error.line, found: error.reason, expected: "YAML")
        }
        guard let node else { throw YAMLError(file: path, found: "nothing", expected: "a document") }
        var budget = 100_000
        self = try Self.value(of: node, in: path, &budget)
    }

    /// - Parameter budget: How many values the file may still have.
    private static func value(of node: Node, in file: String, _ budget: inout Int) throws -> JSONValue {
        budget -= 1
        func refused(_ found: String, _ expected: String) -> YAMLError {
            YAMLError(file: file, line: node.mark?.line, found: found, expected: expected)
        }
        guard budget >= 0 else { throw refused("more than 100,000 values", "fewer") }
        switch node {
        case .scalar(let scalar):
            if scalar.style != .plain { return .string(scalar.string) }
            if node.null != nil { return .null }
            if ["true", "false"].contains(scalar.string.lowercased()) {
                return .bool(scalar.string.lowercased() == "true")
            }
            if let number = Int(scalar.string) { return .integer(number) }
            if let number = Double(scalar.string), number.isFinite, scalar.string.contains(where: \.isNumber)
            {
                return .number(number)
            }
            return .string(scalar.string)
        case .sequence(let sequence):
            return .array(try sequence.map { try value(of: $0, in: file, &budget) })
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, element) in mapping {
                guard let name = key.scalar?.string else { throw refused("a key that is no text", "text") }
                guard object[name] == nil else { throw refused("\(name) twice", "each key once") }
                object[name] = try value(of: element, in: file, &budget)
            }
            return .object(object)
        case .alias(let alias):
            throw refused("the alias *\(alias.anchor)", "the value itself")
        }
    }
}

extension YamlError {
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    fileprivate var reason: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            problem
        case .duplicatedKeysInMapping(let keys, _): "\(keys.map { "\($0)" }.joined(separator: ", ")) twice"
        default: "\(self)"
        }
    }
}
