import Foundation
import TestSupport
import Testing
import TextCorpus

/// Where long texts are cut: no secret is cut in two, of which neither part would look like one.
@Suite struct PieceEndTests {
    private static let letters = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3"
    private static let marks = (
        "-----BEGIN " + "PRIVATE KEY-----\n", "-----END " + "PRIVATE KEY-----"
    )
    private static let lines = (0..<12).map { "MII\($0 % 10)" + letters + letters.suffix(8) }

    /// Secrets whose parts give away what they are about, with what is to be seen of them.
    private static let secrets = [
        (marks.0 + lines.joined(separator: "\n") + "\n" + marks.1, "<redacted:private-key>"),
        // Longer than a piece.
        (
            marks.0 + (lines + lines + lines).joined(separator: "\n") + "\n" + marks.1,
            "<redacted:private-key>"
        ),
        (
            "priv:\n    "
                + Array(repeating: "9f:86:d0:81:88:4c:7d:65", count: 20).joined(separator: ":\n    "),
            "priv:\n    <redacted:private-key>"
        ),
        ("api_key = \"\(letters)\"", "api_key = \"<redacted:assigned-secret>\""),
        ("github" + "_pat_" + letters + letters, "<redacted:github-token>"),
    ]

    private let folder = TemporaryFolder()

    private func redacted(_ text: String, pieceBytes: Int) throws -> [String] {
        var pipeline = CorpusPipeline(steps: [SecretRemoval(.redact)], duplicates: .none)
        pipeline.limits.textPieceBytes = pieceBytes
        return try Corpus(.text(folder.write("long.txt", text)), pipeline: pipeline).map(\.text)
    }

    @Test(arguments: secrets.indices, ["lamp\n", "lamp ", "lamp\n\n"])
    func noSecretIsCut(number: Int, filler: String) throws {
        let pieceBytes = 1_024
        let (secret, seen) = Self.secrets[number]
        let width = secret.utf8.count
        for offset in stride(from: pieceBytes - width - 10, through: pieceBytes + 30, by: max(1, width / 40))
        {
            let before = String(repeating: filler, count: 400).prefix(max(0, offset))
            let after = String(repeating: "lens\n", count: 400)
            let pieces = try redacted(before + "\n" + secret + "\n" + after, pieceBytes: pieceBytes)
            let whole = pieces.joined()
            #expect(whole == before + "\n" + seen + "\n" + after, "at \(offset)")
            #expect(pieces.count > 1)
            for piece in pieces { #expect(piece.utf8.count < 2 * pieceBytes + width) }
        }
    }

    @Test func secretsOneBehindAnotherAreAllSeen() throws {
        let (secret, seen) = Self.secrets[0]
        let pieces = try redacted(String(repeating: secret + "\n", count: 30), pieceBytes: 256)
        #expect(pieces.joined() == String(repeating: seen + "\n", count: 30))
    }

    @Test func readableTextOfARecordIsCutTheSameWay() throws {
        let (secret, seen) = Self.secrets[0]
        var pipeline = CorpusPipeline(steps: [SecretRemoval(.redact)], duplicates: .none)
        pipeline.limits.documentBytes = 2_048
        for offset in stride(from: 1_100, through: 2_100, by: 91) {
            let text =
                String(repeating: "lamp ", count: 420).prefix(offset) + "\n" + secret + "\n"
                + String(repeating: "lens ", count: 400)
            let record = try JSONEncoder().encode(["text": String(text)])
            let file = try folder.write("records.jsonl", Array(record))
            let pieces = try Corpus(.jsonLines(file), pipeline: pipeline).map(\.text)
            #expect(pieces.count > 1)
            #expect(pieces.joined() == text.replacing(secret, with: seen), "at \(offset)")
        }
    }
}
