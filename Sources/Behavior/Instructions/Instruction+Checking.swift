import Conversations

/// Verifying answers.
extension Instruction {
    /// True if an answer does as it is told; an empty one never does.
    public func isFollowed(by answer: String) -> Bool {
        let text = InstructionText(answer)
        guard !text.trimmed.isEmpty else { return false }
        switch self {
        case .keywords(let words): return words.allSatisfy { text.lowercased.count(of: $0.lowercased()) > 0 }
        case .forbiddenWords(let words):
            return words.allSatisfy { !text.lowercased.containsWord($0.lowercased()) }
        case .keywordFrequency(let word, let bound):
            return bound.holds(text.lowercased.count(of: word.trimmingBlanks().lowercased()))
        case .letterFrequency(let letter, let bound):
            return bound.holds(text.lowercased.count(of: letter.lowercased()))
        case .language(let code): return Language.guess(answer).map { $0 == code } ?? true
        case .sentences(let bound): return bound.holds(text.sentenceCount)
        case .words(let bound): return bound.holds(text.wordCount)
        case .paragraphs(let count): return text.paragraphCount == count
        case .paragraphStart(let count, let nth, let word):
            return text.startsParagraph(nth, of: count, with: word.lowercased())
        case .placeholders(let count): return text.placeholderCount >= count
        case .postscript(let marker):
            return text.lowercased.hasPostscript(marker.trimmingBlanks().lowercased())
        case .bullets(let count): return text.bulletCount == count
        case .constrainedAnswer:
            return ["yes", "no", "maybe"].contains { text.count(of: "My answer is \($0).") > 0 }
        case .highlights(let count): return text.highlightCount >= count
        case .sections(let word, let count): return text.sectionCount(word.trimmingBlanks()) >= count
        case .json: return text.isJSON
        case .title: return text.hasTitle
        case .twoResponses: return text.holdsTwoResponses
        case .repeatsPrompt(let prompt):
            return text.lowercased.trimmed.starts(with: prompt.lowercased().trimmingBlanks().unicodeScalars)
        case .endsWith(let phrase): return text.ends(with: phrase)
        case .quotation:
            return text.trimmed.count > 1 && text.trimmed.first == "\"" && text.trimmed.last == "\""
        case .allCapitals: return answer.isCased(upper: true) && Language.guess(answer) ?? "en" == "en"
        case .allLowercase: return answer.isCased(upper: false) && Language.guess(answer) ?? "en" == "en"
        case .capitalWords(let bound): return bound.holds(text.capitalWordCount)
        case .noComma: return !answer.unicodeScalars.contains(",")
        }
    }

    /// True if an answer, or the answer without its first line, last line or asterisks, does as it is told.
    ///
    /// - SeeAlso: [Zhou et al. 2023](https://arxiv.org/abs/2311.07911), §2.2 (loose accuracy). Departures:
    ///   none.
    public func isLooselyFollowed(by answer: String) -> Bool {
        let lines = answer.split(separatorScalar: "\n")
        func joined(_ lines: ArraySlice<String>) -> String { lines.joined(separator: "\n").trimmingBlanks() }
        let cuts = [
            answer, joined(lines.dropFirst()), joined(lines.dropLast()), joined(lines.dropFirst().dropLast()),
        ]
        return cuts.contains { cut in
            isFollowed(by: cut) || isFollowed(by: String(cut.unicodeScalars.filter { $0 != "*" }))
        }
    }
}

extension String {
    /// The pieces between a code point; unlike `split`, never joined with what combines with it.
    func split(separatorScalar separator: Unicode.Scalar) -> [String] {
        unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }
}

/// For each instruction of a prompt, whether an answer follows it.
public struct InstructionFollowing: Hashable, Sendable, Codable {
    /// For each instruction, whether the answer follows it.
    public var strict: [Bool]
    /// For each instruction, whether the answer follows it when its first line, last line or asterisks are
    /// overlooked.
    public var loose: [Bool]

    /// Verifies an answer.
    public init(_ answer: String, _ instructions: [Instruction]) {
        strict = instructions.map { $0.isFollowed(by: answer) }
        loose = zip(instructions, strict).map { $1 || $0.isLooselyFollowed(by: answer) }
    }
}
