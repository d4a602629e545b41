import Foundation

/// Text reduced to its words, so that an answer is found whatever its case, accents and punctuation.
///
/// Letters lose case and marks, commas within numbers go, and everything that is no letter or digit parts
/// words.
public struct NormalizedText: Hashable, Sendable {
    /// The words.
    public let words: [String]

    /// Reduces a text.
    public init(_ text: String) {
        var words: [String] = []
        var word = ""
        let scalars = Array(text.decomposed.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                word += scalar.properties.lowercaseMapping
            } else if scalar.properties.canonicalCombiningClass != .notReordered {
                continue
            } else if scalar == ",", index > 0, index + 1 < scalars.count,
                scalars[index - 1].properties.numericType != nil,
                scalars[index + 1].properties.numericType != nil
            {
                continue
            } else if scalar == "'" || scalar == "’" {
                // "don't" and "dont" are one word, and so are "Anna's" and "Annas".
                continue
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        self.words = words
    }

    /// Whether the words of another text occur here one after another.
    public func contains(_ other: NormalizedText) -> Bool {
        let wanted = other.words
        guard let first = wanted.first, wanted.count <= words.count else { return false }
        return (0...words.count - wanted.count).contains {
            words[$0] == first && words[$0..<$0 + wanted.count].elementsEqual(wanted)
        }
    }

    /// Whether the words of another text occur here one after another.
    public func contains(_ text: String) -> Bool { contains(NormalizedText(text)) }
}

extension String {
    /// Letters taken apart from their marks.
    fileprivate var decomposed: String {
        // Foundation's name for Unicode's canonical decomposition.
        decomposedStringWithCanonicalMapping
    }
}
