import Foundation
import LanguageModel
import NeuralCore

extension Reader {
    /// What corpora are made of, and the tokens made of them.
    static let corpora = [
        Reader(
            "html",
            tokens: [
                "<p>", "</p>", "<main>", "<table>", "<tr>", "<td colspan=99999999>", "<pre>", "<script>",
                "</script>", "<!--", "-->",
                "<![CDATA[", "<!DOCTYPE html>", "&amp;", "&#x10FFFF;", "&#99999999999;",
                "<meta charset=utf-16>", "<li>", "<ol start=-9223372036854775808>",
                "<ul>", "<a href=", "<h1>", "<template>", "<svg>", "<title>",
                "<ol start=\"9223372036854775807\">", "<plaintext>",
            ],
            seeds: { _ in pages },
            read: { bytes, scratch in
                _ = ReadableText(page: String(decoding: bytes, as: UTF8.self))
                try documents(of: .website(scratch.file("page.html", bytes)))
            }),
        Reader(
            "warc",
            tokens: [
                "WARC/1.0\r\n", "WARC-Type: response\r\n", "Content-Length: ",
                "Content-Type: application/http", "HTTP/1.1 200 OK\r\n",
                "Transfer-Encoding: chunked\r\n", "Content-Encoding: gzip\r\n",
                "Content-Encoding: deflate\r\n", "ffffffffffffffff\r\n", "\r\n\r\n", "0\r\n\r\n",
            ],
            seeds: { scratch in
                try [archive(chunked: false), archive(chunked: true), gzip(archive(chunked: true), scratch)]
            },
            repair: lengthOfRecord,
            read: { bytes, scratch in try documents(of: .webArchive(scratch.file("a.warc", bytes))) }),
        Reader(
            "gzip",
            seeds: { scratch in
                try [
                    gzip(Array("The lamp room.\n".utf8), scratch), gzip(pages[0], scratch),
                    gzip([UInt8](repeating: 65, count: 1 << 16), scratch),
                ]
            },
            read: { bytes, scratch in
                let stream = try ByteStream(scratch.file("a.gz", bytes).path)
                while try !stream.piece(of: 1 << 16).isEmpty {}
            }),
        Reader(
            "text", tokens: ["<|endoftext|>", "---\ntitle: a\n---\n", "```", "\r\n\r\n", "<!--", "\u{FEFF}"],
            seeds: { _ in
                [
                    Array(
                        "---\ntitle: Lamps\n---\n# The lamp room\n\nIt is *dark*.\n\n```swift\n// no\n```\n"
                            .utf8), [0xff, 0xfe, 65, 0, 10, 0],
                    [0xfe, 0xff, 0, 65, 0xd8, 0x3d, 0xde, 0], Array("caf".utf8) + [0xe9, 10],
                ]
            },
            read: { bytes, scratch in
                var decoder = StreamedTextDecoder()
                _ = decoder.utf8(Array(bytes.prefix(bytes.count / 2)), isLast: false)
                _ = decoder.utf8(Array(bytes.suffix(bytes.count - bytes.count / 2)), isLast: true)
                try? documents(of: .text(scratch.file("a.txt", bytes)))
                try documents(of: .markdown(scratch.file("a.md", bytes)))
            }),
        Reader(
            "json-lines", tokens: ["text", "url", "\\u", "\\ud83d\\ude00"],
            seeds: { _ in
                let first = #"{"text": "The lamp\n room \ud83d\ude00.", "url": "a", "n": [1, {"b": null}]}"#
                return [Array((first + "\n{\"text\": \"b\"}\n").utf8)]
            },
            read: { bytes, scratch in try documents(of: .jsonLines(scratch.file("a.jsonl", bytes))) }),
        Reader(
            "gitignore",
            tokens: [
                "**", "**/", "/**/", "[a-z]", "[!a]", "[[:alpha:]]", "\\", "!", "*", "?", "#",
                "a*a*a*a*a*a*b",
            ],
            seeds: { _ in [Array("# comment\n*.o\n!keep.o\n/build/\ndoc/**/*.txt\na[0-9]?b\\ \nfoo/\n".utf8)]
            },
            read: { bytes, _ in
                var stack = IgnoreStack()
                stack.add(IgnoreRules(String(decoding: bytes, as: UTF8.self)), depth: 0)
                for path in ["a.o", "build", "doc/x/y.txt", "a5xb ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa/é/foo"] {
                    _ = stack.ignores(path, isFolder: true)
                    _ = stack.ignores(path, isFolder: false)
                }
            }),
        Reader(
            "token-shard", tokens: ["HONETOKS"],
            seeds: { scratch in
                try [300, 100_000].map { size in
                    let url = scratch.folder.appending(component: "seed.tokens")
                    let writer = try TokenShardWriter(url, vocabularySize: size)
                    for document in [[1, 2, 3], [], [299, 0]] as [[Int32]] { try writer.append(document) }
                    try writer.finish()
                    return [UInt8](try Data(contentsOf: url))
                }
            },
            repair: checksumsOfShard,
            read: { bytes, scratch in
                let shard = try TokenShard(scratch.file("a.tokens", bytes))
                _ = shard.tokens(0..<shard.tokenCount)
                for _ in shard.segments(in: 0..<shard.tokenCount) {}
            }),
    ]

    private static func documents(of source: CorpusSource) throws {
        var iterator = try Corpus(source).makeIterator()
        while iterator.next() != nil {}
    }

    private static let pages = [
        #"<!DOCTYPE html><html><head><title>Lamps</title><meta charset="utf-8"></head><body><nav>Home</nav><main><h1>The lamp room</h1><p>It is <em>dark</em> &amp; quiet here&#8230;</p><ul><li>one<li>two</ul><table><tr><th>a<td colspan=2>b</table><pre><code>let x = 1</code></pre></main><script>var a = "</p>";</script></body></html>"#,
        #"<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>One<br/>two</p><![CDATA[x]]></body></html>"#,
        "<ol start=3><li>a<ol><li>b</ol></ol><blockquote>q</blockquote><dl><dt>t<dd>d</dl><figure><figcaption>f</figcaption></figure>",
    ].map { Array($0.utf8) }

    private static func archive(chunked: Bool) -> [UInt8] {
        let page = String(decoding: pages[0], as: UTF8.self)
        let body =
            chunked ? "\(String(page.utf8.count, radix: 16))\r\n\(page)\r\n0\r\n\r\n" : page
        let response =
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
            + (chunked ? "Transfer-Encoding: chunked\r\n" : "") + "\r\n" + body
        let record =
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: \(response.utf8.count)\r\n\r\n\(response)\r\n\r\n"
        return Array((record + record).utf8)
    }

    /// Every second record's length, made that of what stands there.
    @Sendable private static func lengthOfRecord(_ bytes: inout [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let head = text.range(of: "\r\n\r\n"),
            let end = text.range(of: "\r\n\r\nWARC/", range: head.upperBound..<text.endIndex),
            let field = text.range(of: "Content-Length: "), field.upperBound < head.lowerBound
        else { return }
        let length = text.utf8.distance(from: head.upperBound, to: end.lowerBound)
        let line = text[field.upperBound...].prefix { $0.isNumber }
        bytes = Array((text[..<line.startIndex] + "\(length)" + text[line.endIndex...]).utf8)
    }

    private static func gzip(_ bytes: [UInt8], _ scratch: Scratch) throws -> [UInt8] {
        let file = scratch.file("plain", bytes)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-nkf", file.path]
        try process.run()
        process.waitUntilExit()
        return [UInt8](try Data(contentsOf: file.appendingPathExtension("gz")))
    }

    /// The three checksums of a shard, where its lengths allow.
    @Sendable private static func checksumsOfShard(_ bytes: inout [UInt8]) {
        guard bytes.count >= 64 else { return }
        func number(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        func store(_ value: UInt32, _ offset: Int) {
            for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
        }
        let (width, tokens) = (number(12, 4), number(24, 8))
        let (block, overflow) = tokens.multipliedReportingOverflow(by: width)
        if !overflow, block >= 0, block < bytes.count {
            let end = min(bytes.count, 64 + (block + 7) & ~7)
            store(checksum(bytes[64..<end]), 40)
            store(checksum(bytes[end...]), 44)
        }
        store(checksum(bytes[0..<60]), 60)
    }

    /// CRC-32, as gzip has it.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var value: UInt32 = ~0
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
