/// What fills the slots of a template: words by key, a pronoun, and other people's words under a name of their own.
package struct Words: Sendable {
    private var values: [String: String]
    private var others: [String: Words] = [:]
    let pronoun: Pronoun

    package init(_ values: [String: String] = [:], pronoun: Pronoun = .they) {
        self.values = values
        self.pronoun = pronoun
    }

    /// The words of `other` for a person of another pronoun.
    init(pronoun: Pronoun, copying other: Words) {
        self.values = other.values
        self.others = other.others
        self.pronoun = pronoun
    }

    subscript(key: String) -> String? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The words reached through `{name.key}`.
    func scope(_ name: String) -> Words? { others[name] }

    func adding(_ more: [String: String]) -> Words {
        var result = self
        result.values.merge(more) { _, new in new }
        return result
    }

    package func adding(_ name: String, _ words: Words) -> Words {
        var result = self
        result.others[name] = words
        return result
    }
}
