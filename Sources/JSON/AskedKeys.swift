/// The keys that types asked for while a document was decoded.
final class AskedKeys {
    /// Those of each object whose members were asked for, by its path.
    private var keys: [[String]: Set<String>] = [:]

    /// Notes that members of the object at a path will be asked for.
    func open(_ path: [any CodingKey]) { keys[path.map(\.stringValue), default: []].formUnion([]) }

    /// Notes a key of the object at a path.
    func ask(for key: any CodingKey, at path: [any CodingKey]) {
        keys[path.map(\.stringValue), default: []].insert(key.stringValue)
    }

    /// A key that no type asked for.
    struct Unasked {
        /// Its place, such as `files[3].size`.
        var place: String
        /// The keys of its object that are asked for, in the order of the alphabet.
        var asked: [String]
    }

    /// The first key that no type asked for; nil where all were asked for. What was taken as a document is known whole.
    func firstUnasked(in value: JSONValue, at path: [String] = [], shown place: String = "") -> Unasked? {
        switch value {
        case .object(let object):
            guard let asked = keys[path] else { return nil }
            for (key, member) in object.members {
                let shown = place.isEmpty ? key : "\(place).\(key)"
                guard asked.contains(key) else { return Unasked(place: shown, asked: asked.sorted()) }
                if let unasked = firstUnasked(in: member, at: path + [key], shown: shown) { return unasked }
            }
            return nil
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                let unasked = firstUnasked(
                    in: element, at: path + ["\(index)"], shown: "\(place)[\(index)]")
                if let unasked { return unasked }
            }
            return nil
        case .null, .bool, .integer, .number, .string: return nil
        }
    }
}
