package import Foundation

/// The object in a JSON configuration file, read key by key with errors that say where.
package struct ConfigurationFile {
    /// The path, for messages.
    package let file: String
    private let values: [String: Any]

    /// Reads a file of at most 16 MiB that holds one JSON object.
    package init(contentsOf url: URL) throws(ModelDirectoryError) {
        file = url.path
        let data: Data
        do {
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard size <= 16 << 20 else {
                throw ModelDirectoryError.malformed(
                    file: url.path, key: "size", found: "\(size) bytes", expected: "at most 16 MiB")
            }
            data = try Data(contentsOf: url)
        } catch let error as ModelDirectoryError {
            throw error
        } catch {
            throw .unreadable(file: url.path, reason: "cannot be read")
        }
        guard let object = try? JSONSerialization.jsonObject(with: data),
            let values = object as? [String: Any]
        else {
            throw .malformed(
                file: url.path, key: "contents", found: "something else", expected: "a JSON object")
        }
        self.values = values
    }

    private init(file: String, values: [String: Any]) {
        self.file = file
        self.values = values
    }

    /// The object under `key`, if there is one.
    package func object(_ key: String) -> ConfigurationFile? {
        (values[key] as? [String: Any]).map { ConfigurationFile(file: file, values: $0) }
    }

    /// The names of all values.
    package var keys: [String] { values.keys.sorted() }

    /// Whether a value other than null stands under `key`.
    package func has(_ key: String) -> Bool { values[key].map { !($0 is NSNull) } ?? false }

    /// Whether a value stands under `key` that is not null, false, or an empty list, object or string.
    package func isSet(_ key: String) -> Bool {
        switch values[key] {
        case nil, is NSNull: false
        case let number as NSNumber: !isBoolean(number) || number.boolValue
        case let list as [Any]: !list.isEmpty
        case let object as [String: Any]: !object.isEmpty
        case let text as String: !text.isEmpty
        default: true
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
        guard number > 0, number.isFinite else {
            throw .malformed(file: file, key: key, found: "\(number)", expected: "a positive number")
        }
        return number
    }

    private func number(_ key: String, standard: Double?, expected: String) throws(ModelDirectoryError)
        -> Double
    {
        if !has(key), let standard { return standard }
        guard let number = values[key] as? NSNumber, !isBoolean(number) else {
            throw .malformed(file: file, key: key, found: found(key), expected: expected)
        }
        return number.doubleValue
    }

    /// A truth value; `standard` when the key is absent or null.
    package func flag(_ key: String, standard: Bool) throws(ModelDirectoryError) -> Bool {
        if !has(key) { return standard }
        guard let number = values[key] as? NSNumber, isBoolean(number) else {
            throw .malformed(file: file, key: key, found: found(key), expected: "true or false")
        }
        return number.boolValue
    }

    /// A string; `standard` when the key is absent or null.
    package func string(_ key: String, standard: String? = nil) throws(ModelDirectoryError) -> String {
        if !has(key), let standard { return standard }
        guard let string = values[key] as? String else {
            throw .malformed(file: file, key: key, found: found(key), expected: "a string")
        }
        return string
    }

    /// A list of strings; empty when the key is absent or holds anything else.
    package func strings(_ key: String) -> [String] { values[key] as? [String] ?? [] }

    /// A list of whole numbers; empty when the key is absent or holds anything else.
    package func integers(_ key: String) -> [Int] { values[key] as? [Int] ?? [] }

    /// One token id or a list of them; `standard` when the key is absent, and none when it is null.
    ///
    /// An id that is no token of the vocabulary only names one that the model never meets, and is left out: files say
    /// −1 for none, and keep the ids of the vocabulary that their class was written for.
    func tokens(
        _ key: String, below vocabularySize: Int, standard: Int32? = nil
    ) throws(ModelDirectoryError) -> [Int32] {
        let value = values[key] ?? standard.map { NSNumber(value: $0) } ?? NSNull()
        if value is NSNull { return [] }
        guard let numbers = (value as? [NSNumber]) ?? (value as? NSNumber).map({ [$0] }),
            numbers.allSatisfy({ !isBoolean($0) && $0.doubleValue == $0.doubleValue.rounded() })
        else {
            throw .malformed(
                file: file, key: key, found: found(key), expected: "a token id or a list of them")
        }
        return numbers.compactMap { Int32(exactly: $0.doubleValue) }
            .filter { (0..<vocabularySize).contains(Int($0)) }
    }

    /// A list of strings; nil when the key is absent or null.
    func list(_ key: String) throws(ModelDirectoryError) -> [String]? {
        guard has(key) else { return nil }
        guard let list = values[key] as? [String] else {
            throw .malformed(file: file, key: key, found: found(key), expected: "a list of strings")
        }
        return list
    }

    /// Whether the key is there and says null.
    func isNull(_ key: String) -> Bool { values[key] is NSNull }

    /// The value of a key as JSON has it, but strings without quotes; nil when the key is absent or null.
    func text(_ key: String) -> String? {
        guard has(key), let value = values[key] else { return nil }
        if let number = value as? NSNumber, isBoolean(number) { return "\(number.boolValue)" }
        return found(key)
    }

    /// The value under `key`, for messages.
    package func found(_ key: String) -> String {
        guard let value = values[key] else { return "missing" }
        return String("\(value)".prefix(80))
    }

    /// A JSON truth value is kept apart from a number by its type code.
    private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
