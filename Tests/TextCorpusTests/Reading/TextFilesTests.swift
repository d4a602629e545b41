import Foundation
import Tables
import TestSupport
import Testing
import TextCorpus

/// Plain text, Markdown and JSON Lines.
@Suite struct TextFilesTests {
    let folder = TemporaryFolder()

    @Test func longTextsAreCutAtParagraphs() throws {
        let paragraphs = (0..<400).map { story($0, words: 60).replacing("\n\n", with: " ") }
        let text = paragraphs.joined(separator: "\n\n")
        var limits = ReadingLimits()
        limits.textPieceBytes = 10_000
        let documents = try Corpus.read(.text(try folder.write("book.txt", text)), limits: limits).documents
        #expect(documents.map(\.text).joined() == text)
        #expect(documents.count > 5)
        #expect(documents.dropLast().allSatisfy { $0.text.hasSuffix("\n\n") && $0.text.utf8.count <= 10_000 })
        #expect(documents.map(\.source) == (1...documents.count).map { "book.txt#\($0)" })
    }

    @Test func aLineWithoutEndIsCutBetweenCharacters() throws {
        let text = String(repeating: "日本語", count: 100_000)
        let documents = try Corpus.read(.text(try folder.write("line.txt", text))).documents
        #expect(documents.map(\.text).joined() == text)
        #expect(documents.allSatisfy { $0.text.utf8.count <= 1 << 17 })
    }

    @Test func endOfTextMarksEndDocuments() throws {
        let file = try folder.write(
            "stories.txt", "One.\n<|endoftext|>\n\nTwo.\n<|endoftext|><|endoftext|>\nThree.")
        #expect(
            try Corpus.read(.text(file)).documents.map {
                $0.text.trimmingCharacters(in: .whitespacesAndNewlines)
            } == ["One.", "Two.", "Three."])
    }

    @Test func wideTextIsRead() throws {
        let units = Array("Grüße\n".utf16).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        #expect(
            try Corpus.read(.text(try folder.write("wide.txt", [0xff, 0xfe] + units))).documents.map(\.text)
                == ["Grüße\n"])
    }

    @Test(arguments: [false, true]) func wideBooksAreReadToTheirEnd(isBigEndian: Bool) throws {
        let text = (0..<300).map { "Kapitel \($0): Grüße 項目 😀.\n\n" + story($0) + "\n\n" }.joined()
        let bytes = utf16(text, isBigEndian: isBigEndian)
        #expect(bytes.count > 3 << 16)
        let documents = try Corpus.read(.text(try folder.write("book.txt", bytes))).documents
        #expect(documents.count > 2)
        #expect(documents.map(\.text).joined() == text)
        #expect(documents.dropLast().allSatisfy { $0.text.hasSuffix("\n\n") })
        let marked = text.replacing("Kapitel 7:", with: "<|endoftext|>")
        let two = try folder.write("two.txt", utf16(marked))
        #expect(
            try Corpus.read(.text(two)).documents.map(\.text).joined()
                == text.replacing("Kapitel 7:", with: ""))
        // Half a character at the end is one that cannot be read.
        let cut = try folder.write("cut.txt", [0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8])
        #expect(try Corpus.read(.text(cut)).documents.map(\.text) == ["a\u{fffd}"])
    }

    @Test(arguments: [true, false]) func wideRecordsAreNamed(isMarked: Bool) throws {
        let line = "{\"text\": \"Grüße\"}\n"
        let bytes = utf16(line, isMarked: isMarked)
        let (documents, problems) = try Corpus.read(.jsonLines(try folder.write("wide.jsonl", bytes)))
        #expect(documents.isEmpty)
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains("text in UTF-16, expected JSON Lines in UTF-8") == true)
    }

    @Test func aMarkBeforeRecordsIsPassedOver() throws {
        let file = try folder.write("marked.jsonl", [0xef, 0xbb, 0xbf] + Array("{\"text\": \"a\"}\n".utf8))
        #expect(try Corpus.read(.jsonLines(file)).documents.map(\.text) == ["a"])
    }

    @Test func emptyFilesAreNothing() throws {
        for source in [
            CorpusSource.text, CorpusSource.jsonLines, CorpusSource.markdown, CorpusSource.website,
            CorpusSource.webArchive,
        ] {
            let (documents, problems) = try Corpus.read(source(try folder.write("empty", "")))
            #expect(documents.isEmpty)
            #expect(problems.isEmpty)
        }
    }

    @Test func markdownLosesSettingsAndComments() throws {
        let text = """
            ---
            title: "The title"
            layout: page
            ---
            A paragraph <!-- gone --> here.
            <!--
            - test: `x`
            -->
            ```html
            <!-- kept -->
            ```
            Last.
            """
        let documents = try Corpus.read(.markdown(try folder.write("a.md", text))).documents
        #expect(
            documents.map(\.text) == [
                "# The title\n\nA paragraph  here.\n```html\n<!-- kept -->\n```\nLast."
            ])
        #expect(documents.first?.kind == .markdown)
    }

    private func markdown(_ text: String) throws -> String? {
        try Corpus.read(.markdown(try folder.write("m.md", text))).documents.first?.text
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func lineEndingsChangeNothingInMarkdown(ending: String) throws {
        let text =
            "---\ntitle: T\n---\nOne <!-- gone\nfar --> two.\n\n```html\n<!-- kept -->\n```\n<!-- gone -->\nLast.\n"
        #expect(
            try markdown(text.replacing("\n", with: ending))
                == "# T\n\nOne \n two.\n\n```html\n<!-- kept -->\n```\nLast.\n")
    }

    /// The expectations are what markdown-it-py 4 makes of it: as code, or as text, what it shows.
    @Test(arguments: [
        ("````\n```\n<!-- a -->\n```\n````\n<!-- b -->\nx", "````\n```\n<!-- a -->\n```\n````\nx"),
        ("~~~ html\n```\n<!-- a -->\n~~~\n<!-- b -->\nx", "~~~ html\n```\n<!-- a -->\n~~~\nx"),
        ("``` `\n<!-- b -->\nx", "``` `\nx"), ("```\n``` x\n<!-- a -->\n```", "```\n``` x\n<!-- a -->\n```"),
        ("A `<!-- a -->` is a comment.", "A `<!-- a -->` is a comment."),
        ("A ``<!-- ` -->`` and <!-- b -->x", "A ``<!-- ` -->`` and x"),
        ("A ` <!-- b --> x", "A `  x"),
        ("Begin it with <!-- and\nend it.\n\nMore.", "Begin it with <!-- and\nend it.\n\nMore."),
        ("x\n\n<!-- never ends\nmore", "x\n"),
        (
            "- a\n\n      ```\n      <!-- a -->\n      ```\n",
            "- a\n\n      ```\n      <!-- a -->\n      ```\n"
        ),
    ]) func commentsInCodeAreText(text: String, expected: String) throws {
        #expect(
            try markdown(text)?.trimmingCharacters(in: .newlines)
                == expected.trimmingCharacters(in: .newlines))
    }

    /// A page, a Markdown file or a text file is cut after it has been read, never before.
    @Test func largePagesAreCutByTheirText() throws {
        let script = "<script>" + String(repeating: "var x = 1;\n", count: 100_000) + "</script>"
        let page = "<main><p>The lamp room is at the top.</p></main>" + script
        let documents = try Corpus.read(.website(try folder.write("lamp.html", page))).documents
        #expect(documents.map(\.text) == ["The lamp room is at the top."])
        let body = (0..<3_000).map { "<p>\(story($0))</p>" }.joined()
        let long = try Corpus.read(.website(try folder.write("long.html", "<main>\(body)</main>" + script)))
            .documents
        #expect(long.count > 1)
        #expect(long.allSatisfy { $0.text.utf8.count <= 1 << 20 && !$0.text.contains("<") })
        #expect(long.map(\.text).joined().contains(story(2_999).suffix(15)))
    }

    @Test func recordsGiveTheirTextAndWhatIsKnownOfIt() throws {
        let lines = """
            {"text": "first", "kind": "dialogue", "source": "a", "language": "en", "license": "CC0-1.0", "x": {"text": "no"}}

            {"meta": [1, 2], "text": "se\\u0063ond\\n"}
            """
        let documents = try Corpus.read(.jsonLines(try folder.write("a.jsonl", lines))).documents
        #expect(
            documents == [
                Document(text: "first", kind: "dialogue", source: "a", language: "en", license: "CC0-1.0"),
                Document(text: "second\n", kind: .text, source: "a.jsonl#3"),
            ])
    }

    @Test func malformedRecordsAreErrorsThatNameTheLine() throws {
        let lines = [
            "{\"text\": \"a\"}", "{\"text\": 5}", "{\"text\": \"b\"", "[]", "{\"txt\": \"c\"}",
            "{\"text\": \"d\"}",
        ]
        let file = try folder.write("a.jsonl", lines.joined(separator: "\r\n"))
        let (documents, problems) = try Corpus.read(.jsonLines(file))
        #expect(documents.map(\.text) == ["a", "d"])
        let places = problems.map { problem in
            if case .malformed(let path, let place, _, _) = problem, path == file.path { place } else { "?" }
        }
        #expect(places == ["line 2", "line 3, byte 13", "line 4, byte 1", "line 5"])
    }

    @Test func aLineBeyondTheLimitIsDroppedAndReadingGoesOn() throws {
        var limits = ReadingLimits()
        limits.documentBytes = 1 << 12
        let long = "{\"text\": \"" + String(repeating: "x", count: 1 << 20) + "\"}"
        let middle = "{\"text\": \"" + String(repeating: "words and ", count: 1_000) + "\"}"
        let file = try folder.write(
            "a.jsonl", [long, "{\"text\": \"a\"}", middle, "{\"text\": \"b\"}", long].joined(separator: "\n"))
        let documents = try Corpus.read(.jsonLines(file), limits: limits).documents
        #expect(documents.first?.text == "a")
        #expect(documents.last?.text == "b")
        // What is longer than a document, but not than a line may be, is cut.
        #expect(documents.count == 5)
        #expect(documents.allSatisfy { $0.text.utf8.count <= 1 << 12 })
    }

    @Test func invalidUTF8IsRepaired() throws {
        let file = try folder.write("a.jsonl", Array("{\"text\": \"é ".utf8) + [0xff] + Array("\"}".utf8))
        #expect(try Corpus.read(.jsonLines(file)).documents.map(\.text) == ["é \u{fffd}"])
    }

    @Test func whatIsMissingIsAnError() throws {
        let missing = folder.url.appendingPathComponent("nowhere")
        #expect(throws: CorpusError.missing(file: missing.path)) { try Corpus(.text(missing)) }
        #expect(throws: CorpusError.missing(file: missing.path)) { try CorpusSource(detecting: missing) }
    }

    @Test func pipesAreNotOpened() throws {
        let pipe = folder.url.appendingPathComponent("pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        #expect(try Corpus.read(.text(pipe)).problems.count == 1)
        #expect(try Corpus.read(.text(folder.url)).documents.isEmpty)
    }

    @Test func foldersAreReadByNameInOrder() throws {
        try folder.write("b.txt", "plain")
        try folder.write("a/x.jsonl", "{\"text\": \"record\"}")
        try folder.write("a/page.html", "<p>page")
        try folder.write("c.md", "# mark")
        try folder.write("d.bin", [0, 1, 2])
        try folder.write("e.txt.gz", gzipped(Array("packed".utf8), level: 6))
        try folder.link("f.txt", to: "b.txt")
        #expect(
            try Corpus.read(.folder(folder.url)).documents.map(\.text) == [
                "page", "record", "plain", "# mark", "packed", "plain",
            ])
    }

    @Test func sourcesAreDetected() throws {
        func format(_ name: String) throws -> String {
            try CorpusSource(detecting: folder.url.appendingPathComponent(name)).format
        }
        try folder.write("code/a.py", "x")
        try folder.write("code/b.py", "x")
        try folder.write("code/README.md", "x")
        try folder.write("git/.git/HEAD", "x")
        try folder.write("site/index.html", "x")
        try folder.write("mixed/a.txt", "x")
        try folder.write("a.warc.gz", "x")
        try folder.write("a.jsonl.gz", "x")
        try folder.write("a.xhtml", "x")
        try folder.write("a.md", "x")
        try folder.write("a.unknown", "x")
        #expect(
            try ["code", "git", "site", "mixed", "a.warc.gz", "a.jsonl.gz", "a.xhtml", "a.md", "a.unknown"]
                .map(format) == [
                    "repository", "repository", "website", "folder", "warc", "jsonl", "website", "markdown",
                    "text",
                ])
    }
}
