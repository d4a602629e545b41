/// How a person is spoken of.
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
