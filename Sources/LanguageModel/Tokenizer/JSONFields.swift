internal import Foundation
internal import JSON

/// The members of a JSON file that holds an object, each as the file spells it, so that what is not changed is written
/// as it was read.
struct JSONFields: Equatable, Sendable {
    private struct Member: Equatable, Sendable {
        var key: String
        var source: [UInt8]
    }

    /// The path, for messages.
    let file: String
    private var members: [Member] = []

    /// Whether the members are the same, wherever they were read.
    static func == (a: JSONFields, b: JSONFields) -> Bool { a.members == b.members }

    /// No members.
    init() { file = "" }

    /// Reads a file.
    ///
    /// - Throws: `TokenizerError` where it is not one JSON object.
    init(contentsOf url: URL) throws(TokenizerError) {
        file = url.path(percentEncoded: false)
        var json = JSONScanner(try TokenizerFile.read(url))
        do throws(JSONError) {
            try json.enterObject()
            while let key = try json.nextKey() { members.append(Member(key: key, source: try json.source())) }
            try json.end()
        } catch {
            throw TokenizerError(error, file: file)
        }
    }

    /// Reads a file if it is there.
    init?(contentsOfExisting url: URL) throws(TokenizerError) {
        guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) else { return nil }
        try self.init(contentsOf: url)
    }

    /// Whether there are no members.
    var isEmpty: Bool { members.isEmpty }

    /// The keys in the order of the file.
    var keys: [String] { members.map(\.key) }

    /// The value of a key, of several the last; null where there is none. Setting null removes the key.
    subscript(key: String) -> JSONValue {
        get {
            guard let source = members.last(where: { $0.key == key })?.source else { return .null }
            return (try? JSONValue(parsing: source)) ?? .null
        }
        set {
            guard newValue != .null else { return members.removeAll { $0.key == key } }
            let source = Array(newValue.text(.indented).utf8)
            if let index = members.lastIndex(where: { $0.key == key }) {
                members[index].source = source
            } else {
                members.append(Member(key: key, source: source))
            }
        }
    }

    /// The file's text.
    var bytes: [UInt8] {
        var writer = JSONWriter(.indented)
        writer.object(members) { writer, member in
            writer.key(member.key)
            writer.write(source: member.source)
        }
        return writer.bytes + "\n".utf8
    }

    /// Returns the error for a key with an unexpected value.
    func malformed(_ key: String, expected: String) -> TokenizerError {
        .malformed(file: file, place: key, expected: expected, found: "something else")
    }
}
