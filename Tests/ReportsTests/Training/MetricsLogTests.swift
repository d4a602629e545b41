import Files
import Foundation
import Reports
import Testing

@Suite struct MetricsLogTests {
    private func log(_ text: String) throws -> MetricsLog {
        let file = FileManager.default.temporaryDirectory.appending(path: "hone-\(UUID().uuidString).jsonl")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try MetricsLog(contentsOf: file)
    }

    @Test func linesBecomeCurves() throws {
        let log = try log(
            """
            {"step":1,"loss":2.5,"rewards/accuracies":0.5}
            {"step": 2, "loss": 2.25, "note": "a \\"b\\" \\u00e9", "list": [1, [2], "]"], "nested": {"kl": 1e-2}}

            {"step":3,"loss":null,"ok":true}
            """)
        #expect(log.names == ["step", "loss", "rewards/accuracies", "kl", "ok"])
        #expect(log["loss"]?.kept.map(\.y).last == 2.25 && log["loss"]?.count == 2)
        #expect(log["kl"]?.last == Curve([(2, 0.01)]).last)
        #expect(log.remarks == ["note": ["a \"b\" é": 1]])
        #expect(log.lineCount == 3 && log.damagedLineCount == 0)
    }

    @Test(
        arguments: [
            "{\"step\":3,\"lo", "{\"step\":3,\"loss\":", "{\"step\":3,\"loss\":1.", "{", "[1,2]",
            "{\"a\":1}}", "{\"a\":{\"b\":1}",
            "{\"a\" 1}", "{\"a\":\"\\u12\"}", "{\"a\":[}", "loss 3", "{\"a\":1 \"b\":2}", "\u{FEFF}{}",
            "{\"a\":--1}",
        ])
    func tornLineIsCountedAndPassedOver(line: String) throws {
        let log = try log("{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":2}\n" + line)
        #expect(log["loss"]?.count == 2 && log.lineCount == 3)
        #expect(log.damagedLineCount == 1)
    }

    @Test func valuesThatAreNotFiniteAreCounted() throws {
        let log = try log(
            "{\"loss\":NaN}\n{\"loss\":Infinity}\n{\"loss\":-Infinity}\n{\"loss\":1e999}\n{\"loss\":1}\n")
        #expect(log["loss"]?.count == 1 && log["loss"]?.leftOut == 4 && log.damagedLineCount == 0)
    }

    @Test func memoryIsBounded() throws {
        var text = ""
        for step in 0..<20_000 {
            text += "{\"step\":\(step),\"loss\":\(step % 977),\"m\(step % 2_000)\":1}\n"
        }
        text += "{\"x\":\"" + String(repeating: "a", count: 3_000_000) + "\"}\n{\"step\":20000,\"loss\":-5}\n"
        let log = try log(text)
        #expect(log.names.count <= 256 && log["loss"]?.count == 20_001)
        #expect(log["loss"]?.lowest?.y == -5 && log["loss"]?.highest?.y == 976)
        #expect(try #require(log["loss"]).kept.count <= 2_000)
        #expect(log.damagedLineCount == 1 && log.lineCount == 20_002)
    }

    @Test(arguments: ["/", "/nowhere/metrics.jsonl", "/dev/zero"])
    func unreadableFileIsATypedError(path: String) {
        #expect(throws: FileError.self) { try MetricsLog(contentsOf: URL(filePath: path)) }
    }
}
