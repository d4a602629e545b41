import BuiltInWorld
import Foundation
import Testing

@Suite struct WebsiteTests {
    static let texts = Result { try TrainingTexts(seed: 2) }

    @Test func tagsAreClosedInOrder() throws {
        let empty: Set<String> = ["meta", "link", "br", "input", "!DOCTYPE"]
        for (path, html) in try Self.texts.get().pages {
            var open: [String] = []
            for piece in html.split(separator: "<").dropFirst()
            where !piece.hasPrefix("script") && !piece.hasPrefix("/script") {
                let name = String(piece.prefix { !" >\n".contains($0) })
                if name.hasPrefix("/") {
                    #expect(open.popLast() == String(name.dropFirst()), "\(path)")
                } else if !empty.contains(name) {
                    open.append(name)
                }
            }
            #expect(open.isEmpty, "\(path)")
        }
    }

    @Test func textsAreWellFormed() throws {
        let texts = try Self.texts.get()
        let pages = texts.pages.values.map(TrainingTexts.readable)
        for text in pages + texts.turns {
            if text.contains("```") || text.contains("func ") { continue }
            if let slip = Clumsiness.first(in: text) { Issue.record("“\(slip)” in \(text.prefix(400))") }
        }
    }

    @Test func theSameSeedWritesTheSamePages() throws {
        let again = try TrainingTexts(seed: 2)
        let first = try Self.texts.get()
        #expect(again.pages == first.pages)
        #expect(again.code == first.code)
        #expect(again.turns == first.turns)
    }

    @Test func pagesDoNotRepeatEachOther() throws {
        let pages = try Self.texts.get().pages.filter {
            !$0.key.hasSuffix("-print.html") && !$0.key.hasSuffix("index.html")
        }
        let bodies = pages.values.map(TrainingTexts.readable)
        #expect(Set(bodies).count == bodies.count)
    }

    @Test func whatIsThereIsNotOverwritten() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "world-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: WorldError.alreadyExists(path: folder.path)) {
            try World(seed: 1).writeWebsite(to: folder, characters: 100)
        }
    }

    @Test func everyFactIsToldOften() throws {
        let texts = try Self.texts.get()
        let pages = texts.pages.values.map(TrainingTexts.readable).joined()
        for resident in texts.world.town.residents {
            #expect(pages.ranges(of: resident.name).count > 7, "\(resident.name)")
        }
    }
}

/// What no text should show.
enum Clumsiness {
    /// The first clumsy place in a text, with the words around it.
    static func first(in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            for index in words.indices.dropFirst() where isClumsy(words[index - 1], words[index]) {
                return words[max(0, index - 2)...min(words.count - 1, index + 1)].joined(separator: " ")
            }
        }
        for slip in ["..", ",,", ",.", "?.", "!.", ";.", "{name", "{they", "[", "|]"]
        where text.contains(slip) {
            if slip == "[" && !text.contains("|") { continue }
            return slip
        }
        return nil
    }

    private static func isClumsy(_ previous: Substring, _ word: Substring) -> Bool {
        guard let first = word.first else { return previous.last?.isLetter == true }
        if [".", ",", "!", "?", ";"].contains(word) { return true }
        let article = previous.lowercased()
        guard ["a", "an", "the"].contains(article) else { return false }
        if ["a", "an", "the"].contains(word) { return true }
        let soundsLikeVowel =
            "aeiou".contains(first) && !["uni", "use", "one", "euro"].contains(where: word.hasPrefix)
        let isSilent = ["hour", "honest", "heir"].contains(where: word.hasPrefix)
        guard first.isLowercase else { return false }
        return (article == "a" && (soundsLikeVowel || isSilent))
            || (article == "an" && !soundsLikeVowel && !isSilent)
    }
}
