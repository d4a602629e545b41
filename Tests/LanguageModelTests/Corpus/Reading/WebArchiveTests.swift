import Foundation
import LanguageModel
import Testing

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
