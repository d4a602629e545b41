import LanguageModel
import Testing

@Suite struct StopStringsTests {
    /// What comes through when text arrives in pieces.
    func passed(_ pieces: [String], _ stops: [String]) -> (text: String, hasCome: Bool) {
        var filter = StopStrings(stops)
        var text = ""
        for piece in pieces {
            text += filter.append(piece)
            for stop in stops where !stop.isEmpty { #expect(!text.contains(stop)) }
        }
        return (text + filter.finish(), filter.hasCome)
    }

    @Test(
        arguments: [
            ("one two three", ["two"], "one ", true), ("aaaaab", ["aab"], "aaa", true),
            ("ababac", ["abac", "zz"], "ab", true),
            ("caf\u{e9}\n\nUser:", ["\n\n", "\nUser"], "caf\u{e9}", true),
            ("nothing here", ["there"], "nothing here", false), ("ends in th", ["the"], "ends in th", false),
            ("first of both", ["both", "of"], "first ", true), ("x", [""], "x", false),
            ("stop", ["stop"], "", true),
        ] as [(String, [String], String, Bool)])
    func everyCutIntoPiecesGivesTheSame(_ text: String, _ stops: [String], _ expected: String, _ comes: Bool)
    {
        let characters = text.unicodeScalars.map { String($0) }
        for size in 1...characters.count {
            let pieces = stride(from: 0, to: characters.count, by: size).map { start in
                characters[start..<min(start + size, characters.count)].joined()
            }
            #expect(passed(pieces, stops) == (expected, comes))
        }
    }

    @Test func textIsHeldBackOnlyWhileItMayBeTheBeginning() {
        var filter = StopStrings(["END"])
        #expect(filter.append("abc") == "abc")
        #expect(filter.append("E") == "")
        #expect(filter.append("N") == "")
        #expect(filter.append("x") == "ENx")
    }
}
