import Conversations

/// An answer as the checks of IFEval look at it: as code points, with Python's notion of words and white
/// space.
package struct InstructionText {
    /// The code points.
    package let scalars: [Unicode.Scalar]

    package init(_ text: String) { scalars = Array(text.unicodeScalars) }
    package init(_ scalars: some Sequence<Unicode.Scalar>) { self.scalars = Array(scalars) }

    /// The same in small letters.
    package var lowercased: InstructionText { InstructionText(String(scalars).lowercased()) }

    /// Without white space at the ends.
    package var trimmed: ArraySlice<Unicode.Scalar> {
        var rest = scalars.drop(while: \.isPythonSpace)
        while let last = rest.last, last.isPythonSpace { rest.removeLast() }
        return rest
    }

    // MARK: Words

    /// The places where a text occurs, from left to right without overlap.
    package func occurrences(of text: String) -> [Range<Int>] {
        let wanted = Array(text.unicodeScalars)
        guard let first = wanted.first else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index + wanted.count <= scalars.count {
            if scalars[index] == first, scalars[index..<index + wanted.count].elementsEqual(wanted) {
                found.append(index..<index + wanted.count)
                index += wanted.count
            } else {
                index += 1
            }
        }
        return found
    }

    /// The number of times that a text occurs.
    package func count(of text: String) -> Int { occurrences(of: text).count }

    private func isWord(at index: Int) -> Bool {
        scalars.indices.contains(index) && scalars[index].isPythonWord
    }

    /// True if a text occurs that is not part of longer words.
    package func containsWord(_ word: String) -> Bool {
        let wanted = Array(word.unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= scalars.count else { return false }
        return (0...scalars.count - wanted.count).contains { start in
            let end = start + wanted.count
            return scalars[start..<end].elementsEqual(wanted)
                && isWord(at: start - 1) != isWord(at: start) && isWord(at: end - 1) != isWord(at: end)
        }
    }

    /// The number of runs of letters with their marks, digits and underscores.
    package var wordCount: Int {
        func isPart(_ index: Int) -> Bool {
            isWord(at: index) || (scalars.indices.contains(index) && scalars[index].isMark)
        }
        return scalars.indices.count { isPart($0) && !isPart($0 - 1) }
    }

    /// The number of words in capital letters, where contractions count as two words, as in the Penn
    /// Treebank.
    package var capitalWordCount: Int {
        TreebankWords.words(of: scalars).count { String($0).isCased(upper: true) }
    }

    // MARK: Paragraphs and lines

    /// The pieces between a separator.
    package func pieces(between separator: String) -> [ArraySlice<Unicode.Scalar>] {
        var pieces: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        for cut in occurrences(of: separator) {
            pieces.append(scalars[start..<cut.lowerBound])
            start = cut.upperBound
        }
        return pieces + [scalars[start...]]
    }

    /// The number of paragraphs between `***`; nil if one within is empty.
    package var paragraphCount: Int? {
        let pieces = pieces(between: "***").map { $0.allSatisfy(\.isPythonSpace) }
        if pieces.dropFirst().dropLast().contains(true) { return nil }
        let emptyEnds =
            pieces.count == 1 ? (pieces[0] ? 1 : 0) : (pieces[0] ? 1 : 0) + (pieces[pieces.count - 1] ? 1 : 0)
        return pieces.count - emptyEnds
    }

    /// True if there are exactly `count` paragraphs between empty lines and the nth starts with the word.
    package func startsParagraph(_ nth: Int, of count: Int, with word: String) -> Bool {
        let paragraphs = pieces(between: "\n\n")
        let filled = paragraphs.count { !$0.allSatisfy(\.isPythonSpace) }
        guard filled == count, nth >= 1, nth <= filled else { return false }
        let paragraph = paragraphs[nth - 1].drop(while: \.isPythonSpace)
        let first = paragraph.prefix { !$0.isPythonSpace }
        let bare = first.drop { $0 == "'" }.drop { $0 == "\"" }.prefix {
            !".,?!'\"".unicodeScalars.contains($0)
        }
        return !paragraph.isEmpty && String(bare).lowercased() == word
    }

    /// The number of lines that start with `*` or `-`.
    ///
    /// A lone `*` takes the line after it into its point, as in the reference.
    package var bulletCount: Int { bulletCount(mark: "*") + bulletCount(mark: "-") }

    private func bulletCount(mark: Unicode.Scalar) -> Int {
        var count = 0
        var start = 0
        while start < scalars.count {
            var index = start
            while index < scalars.count, scalars[index].isPythonSpace { index += 1 }
            guard index < scalars.count else { break }
            var end = index
            if scalars[index] == mark {
                if mark == "-" {
                    count += 1
                } else if index + 1 < scalars.count, scalars[index + 1] != "*" {
                    count += 1
                    end = index + 2
                }
            }
            while end < scalars.count, scalars[end] != "\n" { end += 1 }
            start = end + 1
        }
        return count
    }

    /// True if the answer ends with a phrase, in whatever case and perhaps before quotation marks.
    package func ends(with phrase: String) -> Bool {
        var rest = lowercased.trimmed
        while rest.last == "\"" { rest.removeLast() }
        return rest.reversed().starts(with: phrase.trimmingBlanks().lowercased().unicodeScalars.reversed())
    }

    /// True if exactly two different answers stand between `******`.
    package var holdsTwoResponses: Bool {
        let pieces = pieces(between: "******").map { InstructionText($0).trimmed }
        if pieces.dropFirst().dropLast().contains(where: \.isEmpty) { return false }
        let filled = pieces.filter { !$0.isEmpty }
        return filled.count == 2 && filled[0] != filled[1]
    }
}

extension Unicode.Scalar {
    /// True for the characters that `\w` matches in Python: letters, numbers and the underscore; not marks.
    var isPythonWord: Bool {
        if self == "_" || properties.numericType != nil { return true }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }
}
