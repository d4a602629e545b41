import Foundation
import LanguageModel

extension Reader {
    /// Tables of rows, as records and texts are read from them.
    static let tables = [
        table(
            "parquet", tokens: ["PAR1", "text", "list", "element", "key_value"],
            fixtures: [
                "flat-snappy-v1.parquet", "flat-lz4-v2.parquet", "flat-delta-v1.parquet", "nested-v1.parquet",
                "nested-v2.parquet", "typed.parquet", "fast-gzip.parquet", "flat-zstd-v1.parquet",
            ]),
        table(
            "arrow", tokens: ["ARROW1", "text", "entries"],
            fixtures: ["flat-stream.arrow", "nested-stream.arrow", "typed-stream.arrow", "flat-zstd.arrow"]),
        Reader(
            "csv", tokens: ["\"", "\"\"", ",", "\r\n", "\r", "\u{FEFF}", "prompt", "\"a\nb\""],
            seeds: { _ in
                [
                    Array("prompt,completion\r\n\"2, 3\",\"say \"\"hi\"\"\"\r\n\na,\"b\nc\"\r\n".utf8),
                    Array("\u{FEFF}text\nOnce\n".utf8),
                ]
            },
            read: { bytes, scratch in try lines(of: scratch.file("a.csv", bytes)) }),
    ]

    private static func table(_ format: String, tokens: [String], fixtures: [String]) -> Reader {
        Reader(
            format, tokens: tokens,
            seeds: { scratch in try fixtures.map { try scratch.fixture("TablesTests/Fixtures/\($0)") } },
            read: { bytes, scratch in try lines(of: scratch.file("a.\(format)", bytes)) })
    }

    private static func lines(of file: URL) throws {
        guard var table = try TableFile(file.path, rowLimit: 1 << 16) else { return }
        while try table.nextLine() != nil {}
    }
}
