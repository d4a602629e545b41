public import Foundation

/// Why a suite cannot be used.
public enum BehaviorSuiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with one item.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line is no JSON.
        case notJSON(JSONError)
        /// A key that the kind needs is not there.
        case missing(key: String)
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
            case .unknown(let key, let value): "'\(key)' is '\(value)', which is not known"
            case .malformed(let key, let expected): "'\(key)' should be \(expected)"
            case .conversation(let problem): problem.description
            }
        }
    }

    /// The file is not there, cannot be read, or is no manifest or fact table.
    case unreadable(file: String, reason: String)
    /// An item cannot be used.
    case badItem(file: String, line: Int, problem: Problem)
    /// A prompt leaves a model no room to answer; an item without a name is named by its line.
    case promptTooLong(suite: String, item: String, tokens: Int, context: Int)

    /// One line for people, starting with the file and where in it.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .badItem(let file, let line, let problem): "\(file):\(line): \(problem)"
        case .promptTooLong(let suite, let item, let tokens, let context):
            "\(suite), \(item): the prompt has \(tokens) tokens, expected fewer than the model's context of \(context)"
        }
    }
}

/// Prompts to try a model with, as a data file that anyone can write: JSON Lines, one item a line.
public struct BehaviorSuite: Hashable, Sendable {
    /// Its name in reports.
    public var name: String
    /// The items, in the order of the file.
    public var items: [BehaviorItem]

    /// A suite of the given items.
    public init(name: String, items: [BehaviorItem]) {
        self.name = name
        self.items = items
    }

    /// Reads a suite, plain or gzip; its name is the file's.
    ///
    /// Unlike training data, a suite with a bad line is refused: a measurement should not silently shrink.
    ///
    /// - Throws: ``BehaviorSuiteError``, with file and line.
    public init(contentsOf url: URL) throws(BehaviorSuiteError) {
        let file = url.lastPathComponent
        self.init(name: String(file.prefix { $0 != "." }), items: [])
        var scanner = RecordScanner(limit: Self.longestItem, source: try Self.pieces(of: url))
        while let record = try Self.next(&scanner, of: file) {
            do throws(BehaviorSuiteError.Problem) {
                guard let bytes = record.bytes else {
                    throw .malformed(key: "", expected: "shorter than \(Self.longestItem) bytes")
                }
                items.append(try Self.item(bytes, line: record.line))
            } catch {
                throw .badItem(file: file, line: record.line, problem: error)
            }
        }
    }

    private static let longestItem = 1 << 24

    private static func pieces(
        of url: URL
    ) throws(BehaviorSuiteError) -> () throws(RecordFileError) -> [UInt8]? {
        do throws(RecordFileError) {
            return try RecordFile.pieces(of: url)
        } catch {
            throw .unreadable(file: url.lastPathComponent, reason: error.description)
        }
    }

    private static func next(
        _ scanner: inout RecordScanner, of file: String
    ) throws(BehaviorSuiteError) -> RecordScanner.Record? {
        do throws(RecordFileError) {
            return try scanner.next()
        } catch {
            throw .unreadable(file: file, reason: error.description)
        }
    }

    private static func item(_ bytes: [UInt8], line: Int) throws(BehaviorSuiteError.Problem) -> BehaviorItem {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch { throw .notJSON(error) }
        return try BehaviorItem(json: json, id: "line \(line)")
    }
}
