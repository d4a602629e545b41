import Conversations

/// Cutting text into sentences by rule, which is approximate: the reference uses a trained model (Punkt).
extension InstructionText {
    /// Words whose full stop ends no sentence.
    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "e.g", "i.e", "a.m", "p.m", "fig",
        "inc", "ltd",
        "co", "corp", "mt", "gen", "col", "sgt", "capt", "lt", "gov", "rev", "hon", "approx", "dept", "est",
        "u.s", "u.k",
    ]

    /// The number of sentences: of places where a full stop, question or exclamation mark ends a word and
    /// what follows does not go on in small letters, and of what is left at the end.
    var sentenceCount: Int { sentences.count }

    /// The sentences, without white space at their ends.
    var sentences: [String] {
        var sentences: [String] = []
        var start = scalars.startIndex
        for index in scalars.indices where endsSentence(at: index) {
            sentences.append(String(scalars[start...index]).trimmingBlanks())
            start = index + 1
        }
        sentences.append(String(scalars[start...]).trimmingBlanks())
        return sentences.filter { !$0.isEmpty }
    }

    /// True if the last code point of a word ends a sentence.
    private func endsSentence(at index: Int) -> Bool {
        guard index + 1 < scalars.count, scalars[index + 1].isPythonSpace, !scalars[index].isPythonSpace
        else { return false }
        let wordStart = scalars[...index].lastIndex(where: \.isPythonSpace).map { $0 + 1 } ?? 0
        var word = scalars[wordStart...index]
        while let last = word.last, "\"')]}*”’»".unicodeScalars.contains(last) { word.removeLast() }
        guard let mark = word.last, ".?!…。！？".unicodeScalars.contains(mark) else { return false }
        guard mark == "." else { return true }
        let body = String(word.dropLast().drop { "\"'([{*“‘".unicodeScalars.contains($0) }).lowercased()
        if Self.abbreviations.contains(body) || body.isEmpty { return false }
        let next = scalars[(index + 1)...].first { !$0.isPythonSpace }
        // "No. 5" is a number, "No." an answer.
        if body == "no", next?.properties.numericType != nil { return false }
        // An initial, as in "J. Smith"; "I." is rather the pronoun.
        if body.unicodeScalars.count == 1, body != "i", word.dropLast().last?.properties.isUppercase == true {
            return false
        }
        return next.map { !$0.properties.isLowercase } ?? true
    }
}

/// Cutting text into words as the Penn Treebank does, as far as counting words in capital letters needs it.
enum TreebankWords {
    private static let marks = Set("\"`“”„.,;:?!()[]{}<>@#$%&*…".unicodeScalars)

    /// The words: contractions are cut off (`DO` `N'T`), hyphenated words stay whole, marks stand alone.
    static func words(of scalars: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        scalars.split(whereSeparator: { $0.isPythonSpace || marks.contains($0) }).flatMap(contractions)
    }

    private static func contractions(_ word: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
        let lower = String(word).lowercased()
        for ending in ["n't", "'s", "'m", "'d", "'ll", "'re", "'ve"] where lower.hasSuffix(ending) {
            let cut = word.endIndex - ending.unicodeScalars.count
            guard cut > word.startIndex else { break }
            return [word[..<cut], word[cut...]]
        }
        return [word]
    }
}
