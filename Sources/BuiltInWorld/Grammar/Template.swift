/// A sentence with slots and alternatives.
///
///     "[In {town}, |]{name} [is|works as] {a job}. {They live} on {street}."
///
/// | written | becomes |
/// |---|---|
/// | `{job}`, `{Job}` | the word called `job`, as it is or with a capital |
/// | `{a job}`, `{A job}` | with its article: "a baker", "an optician" |
/// | `{plural item}` | in the plural |
/// | `{they}`, `{them}`, `{their}`, `{theirs}`, `{themself}` | the pronoun of the person whose words these are |
/// | `{they live}`, `{They live}` | pronoun and verb in agreement: "she lives", "they live" |
/// | `{do they}` | the same in a question: "does she", "do they" |
/// | `{friend.name}`, `{a friend.job}`, `{friend.they live}` | the same of the words called `friend` |
/// | `[one\|two\|]` | one of the alternatives, each as likely; they may nest |
///
/// Sentences get their capital by themselves. A slot without a word is a mistake of whoever wrote the template and
/// ends the process with both named.
public struct Template: Sendable, ExpressibleByStringLiteral {
    let source: String

    /// Takes a template as written; it is read when it is rendered.
    public init(_ source: String) { self.source = source }

    /// Takes a template as written.
    public init(stringLiteral source: String) { self.source = source }

    /// One of the sentences this template stands for.
    package func rendered(with words: Words, using random: inout WorldRandom) -> String {
        let bytes = Array(source.utf8)
        var expansion = TemplateExpansion(template: source, words: words, random: random)
        expansion.append(bytes[...])
        random = expansion.random
        return sentenceCased(expansion.text)
    }
}

/// Reads a template from left to right and writes what it stands for.
private struct TemplateExpansion {
    let template: String
    let words: Words
    var random: WorldRandom
    var text: [UInt8] = []

    mutating func append(_ source: ArraySlice<UInt8>) {
        var rest = source
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "["):
                let options = alternatives(at: &rest)
                append(options[random.index(below: options.count)])
            case UInt8(ascii: "{"):
                guard let close = rest.firstIndex(of: UInt8(ascii: "}")) else { malformed() }
                let slot = String(decoding: rest[(rest.startIndex + 1)..<close], as: UTF8.self)
                text += word(for: slot).utf8
                rest = rest[(close + 1)...]
            default:
                text.append(byte)
                rest.removeFirst()
            }
        }
    }

    /// The alternatives of the bracket that `rest` begins with; `rest` goes on behind it.
    private func alternatives(at rest: inout ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var options: [ArraySlice<UInt8>] = []
        var depth = 0
        var start = rest.startIndex + 1
        for index in rest.indices {
            switch rest[index] {
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "|") where depth == 1:
                options.append(rest[start..<index])
                start = index + 1
            case UInt8(ascii: "]"):
                depth -= 1
                guard depth == 0 else { continue }
                options.append(rest[start..<index])
                rest = rest[(index + 1)...]
                return options
            default: break
            }
        }
        malformed()
    }

    /// The text of a slot: a word alone, or after "a", "plural" or a verb, or a pronoun before a verb.
    private func word(for slot: String) -> String {
        let parts = slot.split(separator: " ").map(String.init)
        guard parts.count == 2 else { return value(of: slot) }
        let (first, second) = (parts[0], parts[1])
        switch first {
        case "a": return English.withArticle(value(of: second))
        case "A": return English.capitalized(English.withArticle(value(of: second)))
        case "plural": return English.plural(value(of: second))
        default: break
        }
        if first.hasSuffix("hey") {
            let (owner, key, isCapitalized) = resolve(first)
            guard key == "they" else { malformed() }
            let agreeing = owner.pronoun.subject(with: second)
            return isCapitalized ? English.capitalized(agreeing) : agreeing
        }
        guard second.hasSuffix("they") else { malformed() }
        return resolve(second).owner.pronoun.inverted(with: first)
    }

    private func value(of name: String) -> String {
        let (owner, key, isCapitalized) = resolve(name)
        guard let word = owner[key] ?? owner.pronoun.form(key) else { missing(name) }
        return isCapitalized ? English.capitalized(word) : word
    }

    /// Whose word is meant, its key, and whether it should get a capital.
    private func resolve(_ name: String) -> (owner: Words, key: String, isCapitalized: Bool) {
        var owner = words
        var key = name
        if let dot = name.firstIndex(of: ".") {
            guard let other = words.scope(String(name[..<dot])) else { missing(name) }
            owner = other
            key = String(name[name.index(after: dot)...])
        }
        guard let first = key.first, first.isUppercase else { return (owner, key, false) }
        return (owner, first.lowercased() + key.dropFirst(), true)
    }

    @inline(never)
    private func missing(_ slot: String) -> Never {
        fatalError("no word for {\(slot)} in the template “\(template)”")
    }

    @inline(never)
    private func malformed() -> Never { fatalError("malformed template “\(template)”") }
}

/// Puts a capital on every sentence: at the start, and after a full stop, question or exclamation mark and a space.
/// After a closing quotation mark the sentence may go on ("Really?" asked Ada), so nothing is changed there.
private func sentenceCased(_ text: [UInt8]) -> String {
    var bytes = text
    var (startsSentence, endsSentence) = (true, false)
    for index in bytes.indices {
        switch bytes[index] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"):
            if startsSentence { bytes[index] -= 32 }
            (startsSentence, endsSentence) = (false, false)
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): endsSentence = true
        case UInt8(ascii: " "), UInt8(ascii: "\n"):
            startsSentence = startsSentence || endsSentence
            endsSentence = false
        case UInt8(ascii: "\""), UInt8(ascii: "("): endsSentence = false
        default: (startsSentence, endsSentence) = (false, false)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Words for the slots of a template: by key, with a pronoun, and other people's words under a name of their own.
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

/// The pronoun of a person.
public enum Pronoun: String, Sendable, Codable, CaseIterable {
    /// She, her, hers.
    case she
    /// He, him, his.
    case he
    /// They, them, theirs, with verbs in the plural.
    case they

    /// The form that stands where the template has the form of *they*.
    func form(_ they: String) -> String? {
        let column: Int? = ["they": 0, "them": 1, "their": 2, "theirs": 3, "themself": 4][they]
        guard let column else { return nil }
        switch self {
        case .she: return ["she", "her", "her", "hers", "herself"][column]
        case .he: return ["he", "him", "his", "his", "himself"][column]
        case .they: return ["they", "them", "their", "theirs", "themself"][column]
        }
    }

    /// Pronoun and verb in agreement: "she lives", "they live", "he is".
    func subject(with verb: String) -> String {
        rawValue + " " + agreeing(verb)
    }

    /// The same in a question: "does she", "are they".
    func inverted(with verb: String) -> String { agreeing(verb) + " " + rawValue }

    private func agreeing(_ verb: String) -> String {
        guard self == .they else { return English.thirdPerson(verb) }
        return verb == "be" ? "are" : verb
    }
}
