public import Conversations
import Files
import Foundation

/// The reason why a suite cannot be used.
public enum BehaviorSuiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problem of one item.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line is no JSON.
        case notJSON(JSONError)
        /// A key that the kind needs is not there.
        case missing(key: String)
        /// None of the keys is there of which the kind needs one.
        case missingAll(keys: [String])
        /// A key is none of those that the kind has.
        case unknownKey(String, kind: String, expected: [String])
        /// Two keys are there of which one would be passed over.
        case exclusive(String, String)
        /// A key holds a word that nothing goes by.
        case unknown(key: String, value: String)
        /// A key holds another kind of value.
        case malformed(key: String, expected: String)
        /// The conversation is none.
        case conversation(RecordProblem)

        /// One line for people.
        public var description: String {
            switch self {
            case .notJSON(let error): error.description
            case .missing(let key): "'\(key)' is missing"
            case .missingAll(let keys): "\(keys.map { "'\($0)'" }.joined(separator: " or ")) is missing"
            case .unknownKey(let key, let kind, let expected):
                "'\(key)' is no key of kind \(kind), expected one of \(expected.joined(separator: ", "))"
            case .exclusive(let one, let other): "'\(one)' and '\(other)' exclude each other"
            case .unknown(let key, let value): "'\(key)' is '\(value)', which is not known"
            case .malformed(let key, let expected): "'\(key)' should be \(expected)"
            case .conversation(let problem): problem.description
            }
        }
    }

    /// The file is not there, cannot be read, or is no manifest or fact table.
    case unreadable(file: String, reason: String)
    /// An item cannot be used; of several in a line, its record in the file is named too, from one.
    case badItem(file: String, line: Int, record: Int? = nil, problem: Problem)
    /// A prompt leaves a model no room to answer; an item without a name is named by its line.
    case promptTooLong(suite: String, item: String, tokens: Int, context: Int)

    /// One line for people, starting with the file and where in it.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .badItem(let file, let line, let record, let problem):
            RecordFileError.place(line, in: file) + (record.map { ", record \($0)" } ?? "") + ": \(problem)"
        case .promptTooLong(let suite, let item, let tokens, let context):
            "\(suite), \(item): the prompt has \(tokens) tokens, expected fewer than the model's context of \(context)"
        }
    }
}

extension BehaviorSuiteError {
    /// The value that a file of JSON holds, every key of which must be known.
    static func value<Value: Decodable>(of url: URL) throws(BehaviorSuiteError) -> Value {
        do {
            return try JSONValue(parsing: contents(of: url)).decodedWhole()
        } catch {
            let reason = (error as? FileError)?.reason ?? "\(error)"
            throw .unreadable(file: url.lastPathComponent, reason: reason)
        }
    }
}
