import Foundation
import Tables
import TestSupport
import Testing
import TextCorpus

@Suite struct WebArchiveTests {
    let folder = TemporaryFolder()

    private func record(
        _ type: String, _ contentType: String, _ content: [UInt8], uri: String = "https://example.org/a"
    ) -> [UInt8] {
        Array(
            """
            WARC/1.0\r\nWARC-Type: \(type)\r\nWARC-Target-URI: \(uri)\r\nContent-Type: \(contentType)\r\n\
            Content-Length: \(content.count)\r\n\r\n
            """.utf8) + content + Array("\r\n\r\n".utf8)
    }

    private func response(_ headers: String, _ content: [UInt8], status: String = "200 OK") -> [UInt8] {
        record(
            "response", "application/http; msgtype=response",
            Array("HTTP/1.1 \(status)\r\n\(headers)\r\n\r\n".utf8) + content)
    }

    private let page = Array("<title>T</title><p>Some text of a page.".utf8)
    private let text = "# T\n\nSome text of a page."

    private func read(_ bytes: [UInt8]) throws -> (documents: [Document], problems: [CorpusError]) {
        try Corpus.read(.webArchive(try folder.write("crawl.warc", bytes)))
    }

    @Test func pagesAreReadAndOthersPassedOver() throws {
        let archive =
            record("warcinfo", "application/warc-fields", Array("software: x".utf8))
            + record("request", "application/http; msgtype=request", Array("GET / HTTP/1.1\r\n\r\n".utf8))
            + response("Content-Type: text/html", page)
            + response("Content-Type: image/png", [1, 2, 3])
            + response("Content-Type: text/html", page, status: "404 Not Found")
            + record("resource", "text/html", page, uri: "<https://example.org/b>")
            + record("conversion", "text/plain", Array("plain words".utf8))
        let (documents, problems) = try read(archive)
        #expect(documents.map(\.text) == [text, text, "plain words"])
        #expect(
            documents.map(\.source) == [
                "https://example.org/a", "https://example.org/b", "https://example.org/a",
            ])
        #expect(problems.isEmpty)
    }

    @Test func everyRecordMayBeAMemberOfItsOwn() throws {
        let archive = (0..<3).flatMap { _ in gzipped(response("Content-Type: text/html", page), level: 6) }
        #expect(try read(archive).documents.count == 3)
    }

    @Test func contentIsUnpacked() throws {
        let type = "Content-Type: text/html"
        let half = page.count / 2
        let chunks =
            Array("\(String(half, radix: 16));x=y\r\n".utf8) + page[..<half]
            + Array("\r\n\(String(page.count - half, radix: 16))\r\n".utf8)
            + page[half...] + Array("\r\n0\r\n\r\n".utf8)
        for content in [
            response("\(type)\r\nTransfer-Encoding: chunked", chunks),
            response("\(type)\r\nContent-Encoding: gzip", gzipped(page, level: 6)),
            // Archives that unpacked the content and kept the headers.
            response("\(type)\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip", page),
            response("\(type)\r\nContent-Encoding: br", page),
            response("\(type); charset=iso-8859-1", page),
        ] {
            #expect(try read(content).documents.map(\.text) == [text])
        }
        #expect(
            try read(response("\(type)\r\nContent-Encoding: br", [0x1b, 0x03, 0x00, 0xf8])).documents.isEmpty)
        let bomb = gzipped([UInt8](repeating: 0x20, count: 1 << 25), level: 9)
        #expect(try read(response("\(type)\r\nContent-Encoding: gzip", bomb)).documents.isEmpty)
    }

    @Test func largePagesAreCutByTheirText() throws {
        let script = Array(
            ("<script>" + String(repeating: "var x = 1;\n", count: 100_000) + "</script>").utf8)
        #expect(try read(response("Content-Type: text/html", page + script)).documents.map(\.text) == [text])
    }

    @Test func membersOfGzipFollowOneAnother() throws {
        let half = page.count / 2
        let members = gzipped(Array(page[..<half]), level: 6) + gzipped(Array(page[half...]), level: 6)
        for extra: [UInt8] in [[], [0, 0, 0]] {
            let record = response("Content-Type: text/html\r\nContent-Encoding: gzip", members + extra)
            #expect(try read(record).documents.map(\.text) == [text])
        }
    }

    /// What a browser shows of a chunked answer that ends too early, wherever it does.
    @Test func aCutChunkedAnswerKeepsWhatCame() throws {
        let lines = "<title>T</title><p>Some text of a page.</p><p>More words.</p>"
        let parts = [lines.prefix(40), lines.dropFirst(40)]
        let whole = parts.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
        let type = "Content-Type: text/html\r\nTransfer-Encoding: chunked"
        for cut in 50...whole.utf8.count {
            let documents = try read(response(type, Array(whole.utf8.prefix(cut)))).documents
            let shown = documents.first?.text ?? ""
            #expect(shown.hasPrefix(text.prefix(20)), "\(cut)")
            #expect(
                !shown.contains("15") && !shown.contains("28") && !shown.contains("\r"), "\(cut): \(shown)")
        }
        // What only looks like chunks is text.
        for body in ["Add\r\nsome words to it", "3\r\nabcdef are letters"] {
            let plain = response("Content-Type: text/plain\r\nTransfer-Encoding: chunked", Array(body.utf8))
            #expect(try read(plain).documents.map(\.text).first?.hasSuffix(String(body.suffix(8))) == true)
        }
    }

    @Test func deflatedAnswersAreUnpackedAndUnpackedOnesKept() throws {
        let type = "Content-Type: text/html\r\nContent-Encoding: deflate"
        // zlib's wrapping and none, as Python's zlib.compress and its raw form write <title>T</title>….
        let member = gzipped(page, level: 6)
        let raw = Array(member[10..<member.count - 8])
        var (a, b): (UInt32, UInt32) = (1, 0)
        for byte in page { a = (a + UInt32(byte)) % 65_521; b = (b + a) % 65_521 }
        let sum = b << 16 | a
        let checksum: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        let wrapped: [UInt8] = [0x78, 0x9c] + raw + checksum
        for content in [raw, wrapped, page] {
            #expect(try read(response(type, content)).documents.map(\.text) == [text])
        }
        for body in [
            "hello, these are words", "3 is a number and so on", "x\u{9c}nothing", "{ }", "Some words.",
        ] {
            let plain = response("Content-Type: text/plain\r\nContent-Encoding: deflate", Array(body.utf8))
            #expect(try read(plain).documents.map(\.text) == [body])
        }
        let both = response(
            "Content-Type: text/html\r\nContent-Encoding: deflate, gzip", gzipped(wrapped, level: 6))
        #expect(try read(both).documents.map(\.text) == [text])
    }

    /// Records that are whole before a place that cannot be unpacked are read, wherever that place is.
    @Test func aFaultBehindWholeRecordsDoesNotTakeThem() throws {
        let pages = (0..<400).map { number in
            response("Content-Type: text/html", Array("<p>\(story(number))".utf8))
        }
        let whole = gzipped(Array(pages.joined()), level: 6)
        for place in [whole.count / 3, whole.count / 2, whole.count * 2 / 3] {
            var damaged = whole
            for index in place..<place + 64 { damaged[index] = 0xff }
            let (documents, problems) = try read(damaged)
            // What zlib itself makes of the part ahead of the fault.
            let share = Double(place) / Double(whole.count)
            #expect(Double(documents.count) > share * 400 - 20, "\(documents.count) at \(share)")
            for (index, document) in documents.enumerated().dropLast() {
                #expect(document.text.hasPrefix("Story number \(index) tells."))
            }
            #expect(problems.count == 1)
        }
        // Members of their own: all before the damaged one.
        var members = pages.prefix(40).map { gzipped($0, level: 6) }
        let middle = members[30].count / 2
        for index in middle..<middle + 64 { members[30][index] = 0xff }
        let (documents, problems) = try read(Array(members.joined()))
        #expect(documents.count == 30)
        #expect(problems.count == 1)
    }

    @Test func truncationIsAnErrorThatNamesTheRecord() throws {
        let archive = response("Content-Type: text/html", page) + response("Content-Type: text/html", page)
        let (documents, problems) = try read(Array(archive.dropLast(20)))
        #expect(documents.count == 1)
        guard case .malformed(_, let place, _, _)? = problems.first else {
            Issue.record("found \(problems)")
            return
        }
        #expect(place.hasPrefix("record 2, byte "))
    }

    @Test(arguments: [
        "WARC/1.0\r\nContent-Length: -5\r\n\r\n", "WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "WARC/1.0\r\n\r\n",
        "hello",
        "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 9223372036854775807\r\n\r\nx",
        "WARC/1.0", "\u{0}\u{1}\u{2}",
    ]) func liesAreErrors(archive: String) throws {
        let (documents, problems) = try read(Array(archive.utf8))
        #expect(documents.isEmpty)
        #expect(problems.count == 1)
    }

    @Test func headersMayNotGoOnForEver() throws {
        #expect(
            try read(Array("WARC/1.0\r\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 20)).problems.count
                == 1)
    }
}
