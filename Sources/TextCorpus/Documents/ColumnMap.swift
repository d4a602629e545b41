package import JSON

/// The columns of a data set that stand for keys under other names.
///
/// `prompt=question,chosen=best` reads the column `question` as `prompt`, and `best` as `chosen`.
public struct ColumnMap: Hashable, Sendable {
    /// The column that is read for each key.
    public let columns: [String: String]
    /// The keys that each column is read for.
    private let keys: [String: [String]]

    /// Every column under its own name.
    public init() { self.init(columns: [:]) }

    /// The given columns under the names of the keys.
    public init(columns: [String: String]) {
        self.columns = columns
        keys = Dictionary(grouping: columns.keys.sorted()) { columns[$0] ?? $0 }
    }

    /// Reads `key=column` pairs with commas between them; nil where they are none, or a key stands twice.
    public init?(_ text: String) {
        var columns: [String: String] = [:]
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, columns.updateValue(String(parts[1]), forKey: String(parts[0])) == nil
            else { return nil }
        }
        self.init(columns: columns)
    }

    /// The column that is read for a key.
    func column(of key: String) -> String { columns[key] ?? key }

    /// A record whose columns have the names of the keys; a column that a key would be read from otherwise is left out.
    package func applied(to object: JSONObject) -> JSONObject {
        if columns.isEmpty { return object }
        var renamed = JSONObject()
        for (name, value) in object.members {
            for key in keys[name] ?? (columns[name] == nil ? [name] : []) { renamed[key] = value }
        }
        return renamed
    }
}
