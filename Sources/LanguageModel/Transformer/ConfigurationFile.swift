internal import Files
package import Foundation
internal import JSON

/// The object in a JSON configuration file, read key by key with errors that say where.
package struct ConfigurationFile {
    /// The path, for messages.
    package let file: String
    private let values: JSONObject

    /// Reads a file of at most 16 MiB that holds one JSON object.
    package init(contentsOf url: URL) throws(ModelDirectoryError) {
        func malformed(_ found: String, _ expected: String) -> ModelDirectoryError {
            .malformed(file: url.path, key: "contents", found: found, expected: expected)
        }
        let bytes: [UInt8]?
        let size: Int
        do throws(FileError) {
            let input = try InputFile(url.path)
            size = input.size
            bytes = size <= 16 << 20 ? try input.read(atMost: size) : nil
        } catch {
            throw .unreadable(file: url.path, reason: error.reason)
        }
        guard let bytes else { throw malformed("\(size) bytes", "at most 16 MiB") }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
            throw malformed("\(error.found) in line \(error.line)", error.expected)
        }
        guard let object = value.object else { throw malformed(value.kind, "a JSON object") }
        self.init(file: url.path, values: object)
    }

    private init(file: String, values: JSONObject) {
        self.file = file
        self.values = values
    }

    /// The object under `key`, if there is one.
    package func object(_ key: String) -> ConfigurationFile? {
        values[key]?.object.map { ConfigurationFile(file: file, values: $0) }
    }

    /// This object with the values of another in place of its own.
    func updated(with other: ConfigurationFile) -> ConfigurationFile {
        var values = values
        values.merge(other.values)
        return ConfigurationFile(file: file, values: values)
    }

    /// The names of all values, in the order of the file.
    package var keys: [String] { values.keys }

    /// Returns whether `key` has a value other than null.
    package func has(_ key: String) -> Bool { (values[key] ?? .null) != .null }

    /// Returns whether `key` has a value that is not null, false, or an empty list, object or string.
    package func isSet(_ key: String) -> Bool {
        switch values[key] {
        case .none, .null?: false
        case .bool(let flag)?: flag
        case .array(let list)?: !list.isEmpty
        case .object(let object)?: !object.isEmpty
        case .string(let text)?: !text.isEmpty
        case .integer?, .number?: true
        }
    }

    /// A whole number in a range; `standard` when the key is absent or null.
    package func integer(
        _ key: String, in range: ClosedRange<Int>, standard: Int? = nil
    ) throws(ModelDirectoryError) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let number = try number(key, standard: standard.map(Double.init), expected: expected)
        guard let whole = Int(exactly: number), range.contains(whole) else {
            throw .malformed(file: file, key: key, found: "\(number)", expected: expected)
        }
        return whole
    }

    /// A number greater than zero.
    package func positive(_ key: String, standard: Double? = nil) throws(ModelDirectoryError) -> Double {
        let number = try number(key, standard: standard, expected: "a positive number")
        guard number > 0 else {
            throw .malformed(file: file, key: key, found: "\(number)", expected: "a positive number")
        }
        return number
    }

    /// A number that is zero or greater.
    func notNegative(_ key: String, standard: Double? = nil) throws(ModelDirectoryError) -> Double {
        let expected = "a number from 0"
        let number = try number(key, standard: standard, expected: expected)
        guard number >= 0 else {
            throw .malformed(file: file, key: key, found: "\(number)", expected: expected)
        }
        return number
    }

    private func number(_ key: String, standard: Double?, expected: String) throws(ModelDirectoryError)
        -> Double
    {
        try value(key, standard: standard, expected: expected) { $0.number }
    }

    /// A truth value; `standard` when the key is absent or null.
    package func flag(_ key: String, standard: Bool) throws(ModelDirectoryError) -> Bool {
        try value(key, standard: standard, expected: "true or false") { $0.bool }
    }

    /// A string; `standard` when the key is absent or null.
    package func string(_ key: String, standard: String? = nil) throws(ModelDirectoryError) -> String {
        try value(key, standard: standard, expected: "a string") { $0.string }
    }

    private func value<Value>(
        _ key: String, standard: Value?, expected: String, _ read: (JSONValue) -> Value?
    ) throws(ModelDirectoryError) -> Value {
        if !has(key), let standard { return standard }
        guard let value = values[key].flatMap(read) else {
            throw .malformed(file: file, key: key, found: found(key), expected: expected)
        }
        return value
    }

    /// A list of strings; empty when the key is absent or holds anything else.
    package func strings(_ key: String) -> [String] { (try? list(key)) ?? [] }

    /// A list of whole numbers; empty when the key is absent or holds anything else.
    package func integers(_ key: String) -> [Int] {
        let list = values[key]?.array ?? []
        let integers = list.compactMap(\.integer)
        return integers.count == list.count ? integers : []
    }

    /// A list of numbers; empty when the key is absent or holds anything else.
    func numbers(_ key: String) -> [Double] {
        let list = values[key]?.array ?? []
        let numbers = list.compactMap(\.number)
        return numbers.count == list.count ? numbers : []
    }

    /// One token id or a list of them; `standard` when the key is absent, and none when it is null.
    ///
    /// An id that is no token of the vocabulary only names one that the model never meets, and is left out: files say
    /// −1 for none, and keep the ids of the vocabulary that their class was written for.
    func tokens(
        _ key: String, below vocabularySize: Int, standard: Int32? = nil
    ) throws(ModelDirectoryError) -> [Int32] {
        let value = values[key] ?? standard.map { .integer(Int($0)) } ?? .null
        if value == .null { return [] }
        let numbers = (value.array ?? [value]).map(\.number)
        guard numbers.allSatisfy({ $0 != nil && $0 == $0?.rounded() }) else {
            throw .malformed(
                file: file, key: key, found: found(key), expected: "a token id or a list of them")
        }
        return numbers.compactMap { $0.flatMap(Int32.init(exactly:)) }
            .filter { (0..<vocabularySize).contains(Int($0)) }
    }

    /// A list of strings; nil when the key is absent or null.
    func list(_ key: String) throws(ModelDirectoryError) -> [String]? {
        guard has(key) else { return nil }
        let list = values[key]?.array
        let strings = list?.compactMap(\.string)
        guard let strings, strings.count == list?.count else {
            throw .malformed(file: file, key: key, found: found(key), expected: "a list of strings")
        }
        return strings
    }

    /// Returns whether `key` is present with the value null.
    func isNull(_ key: String) -> Bool {
        if case .null? = values[key] { true } else { false }
    }

    /// The value of a key as JSON has it, but strings without quotes; nil when the key is absent or null.
    func text(_ key: String) -> String? { has(key) ? found(key) : nil }

    /// The value under `key`, for messages.
    package func found(_ key: String) -> String {
        guard let value = values[key] else { return "missing" }
        return String((value.string ?? value.text()).prefix(80))
    }
}
