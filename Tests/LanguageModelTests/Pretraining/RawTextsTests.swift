import Foundation
import LanguageModel
import TestSupport
import Testing
import TextCorpus

@Suite struct RawTextsTests {
    private func texts(in url: URL) throws -> [String] {
        var texts: [String] = []
        try RawTexts(url).forEach { texts.append(String(decoding: $0, as: UTF8.self)) }
        return texts
    }

    private func write(_ files: [String: String], to folder: URL) throws {
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    @Test func filesComeInTheOrderOfTheirPathsAsTheyStand() throws {
        try withTemporaryFolder { folder in
            try write(
                [
                    "b.txt": " two  \r\n", "a/z.md": "# one",
                    "c.jsonl": "{\"text\":\"three\"}\n\n{\"text\":\"f\u{F6}ur\"}\n",
                ], to: folder)
            #expect(try texts(in: folder) == ["# one", " two  \r\n", "three", "f\u{F6}ur"])
            #expect(try texts(in: folder.appending(path: "b.txt")) == [" two  \r\n"])
        }
    }

    @Test func aCorpusGivesWhatIsTrainedOn() throws {
        try withTemporaryFolder { folder in
            let source = folder.appending(path: "source")
            let sentences = (0..<40).map { number in
                let words = (0..<60).map { "word\((number * 61 + $0 * 7) % 997)" }.joined(separator: " ")
                return "The text of number \(number) says: \(words)."
            }
            try write(
                Dictionary(uniqueKeysWithValues: sentences.enumerated().map { ("\($0).txt", $1) }), to: source
            )
            let corpus = try Corpus([.folder(source)], pipeline: .unchanged)
            let written = folder.appending(path: "corpus")
            _ = try corpus.write(to: written)
            let expected = Array(try Corpus(directory: written)).map(\.text)
            #expect(!expected.isEmpty)
            #expect(try texts(in: written) == expected)
        }
    }

    @Test func aRecordThatIsNoneIsNamedByItsLine() throws {
        try withTemporaryFolder { folder in
            try write(["a.jsonl": "{\"text\":\"one\"}\n\n{\"txt\":\"two\"}\n"], to: folder)
            let error = #expect(throws: MalformedLine.self) {
                try RawTexts(folder.appending(path: "a.jsonl")).forEach { _ in }
            }
            #expect(error?.line == 3)
            #expect(error?.found.contains("\"text\" is missing") == true)
            #expect(throws: CorpusError.self) { try RawTexts(folder.appending(path: "none")) }
        }
    }

    @Test func aLongTextComesInPartsThatTogetherAreAllOfIt() throws {
        try withTemporaryFolder { folder in
            let line = "The sentence is repeated until there is more of it than a part holds.\n"
            let text = String(repeating: line, count: 300_000)
            try write(["long.txt": text], to: folder)
            let parts = try texts(in: folder)
            #expect(parts.count > 1 && parts.allSatisfy { $0.utf8.count < text.utf8.count })
            #expect(parts.joined() == text)
        }
    }
}
