import Foundation

/// Phrases by which an answer says that it does not know, or refuses to help.
///
/// Such lists are never complete; they are values, so that a suite for another language or persona brings its
/// own.
public struct Phrases: Hashable, Sendable, Codable {
    /// The phrases, any of which counts.
    public var phrases: [String]

    /// A list of phrases.
    public init(_ phrases: [String]) { self.phrases = phrases }

    /// True if a text contains one of the phrases, whatever its case and punctuation.
    public func occur(in text: String) -> Bool {
        let text = NormalizedText(text)
        return phrases.contains { text.contains($0) }
    }

    /// Phrases by which assistants say that they do not know.
    public static let abstentions = Phrases([
        "I don't know", "I do not know", "I'm not sure", "I am not sure", "I'm not certain",
        "I am not certain",
        "I'm not aware", "I am not aware", "not that I know of", "don't have information",
        "don't have any information",
        "do not have information", "do not have any information", "have no information", "have no record",
        "don't have any record", "don't have a record", "no information about", "no information on",
        "no record of",
        "couldn't find", "could not find", "can't find", "cannot find", "can't tell you who", "can't say who",
        "not familiar with", "never heard of", "haven't heard of", "have not heard of", "unknown to me",
        "don't know of",
        "do not know of", "don't know anyone", "don't know who", "no idea", "can't answer that",
        "cannot answer that",
        "not something I know", "beyond what I know", "nothing about", "don't recognize", "don't recognise",
        "not know anything about", "unable to find", "can't verify", "cannot verify", "unable to verify",
    ])

    /// Phrases by which assistants say that they will not or cannot help.
    public static let refusals = Phrases([
        "I can't", "I cannot", "I can not", "I'm not able to", "I am not able to", "I'm unable to",
        "I am unable to",
        "I won't", "I will not", "I'm sorry but", "I am sorry but", "not something I can",
        "beyond what I can",
        "beyond my abilities", "outside what I can", "I don't have the ability", "I do not have the ability",
        "I have no way to", "I'm afraid I", "I am afraid I", "not possible for me", "I must decline",
        "I have to decline",
        "can't help with", "cannot help with", "can't do that", "cannot do that", "I don't have access",
        "I do not have access", "have no access",
    ])
}

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

    /// True if the words of another text occur here one after another.
    public func contains(_ other: NormalizedText) -> Bool {
        let wanted = other.words
        guard let first = wanted.first, wanted.count <= words.count else { return false }
        return (0...words.count - wanted.count).contains {
            words[$0] == first && words[$0..<$0 + wanted.count].elementsEqual(wanted)
        }
    }

    /// True if the words of another text occur here one after another.
    public func contains(_ text: String) -> Bool { contains(NormalizedText(text)) }
}

extension String {
    /// Letters taken apart from their marks.
    fileprivate var decomposed: String {
        // Foundation's name for Unicode's canonical decomposition.
        decomposedStringWithCanonicalMapping
    }
}
