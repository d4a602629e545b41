import LanguageModel
import Testing

/// No secret stands in this file as it is: they are put together while the tests run.
@Suite struct SecretRemovalTests {
    private static let mixed = "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3"
    private static let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    private func redacted(_ text: String) -> String {
        var document = Document(text: text)
        var notes = DocumentNotes()
        _ = SecretRemoval(.redact).apply(to: &document, notes: &notes)
        #expect(notes.counts.isEmpty == (document.text == text))
        return document.text
    }

    private static func cases() -> [(String, String)] {
        let key =
            "-----BEGIN RSA " + "PRIVATE KEY-----\n" + String(repeating: "MIIEow" + mixed + "\n", count: 8)
            + "-----END RSA " + "PRIVATE KEY-----"
        return [
            ("aws-access-key", "AKIA" + "Q3EGRXW7ZK5MVT2B"), ("github-token", "ghp_" + mixed.prefix(36)),
            ("github-token", "github" + "_pat_" + mixed + mixed.prefix(20)),
            ("slack-token", "xoxb-" + "123456789012-" + mixed),
            ("google-api-key", "AIza" + mixed.prefix(35)), ("stripe-key", "sk_live_" + mixed.prefix(24)),
            ("model-api-key", "sk-ant-" + mixed), ("hugging-face-token", "hf_" + mixed.prefix(34)),
            ("npm-token", "npm_" + mixed.prefix(36)), ("gitlab-token", "glpat-" + mixed.prefix(20)),
            ("web-token", "eyJ" + mixed + ".eyJ" + mixed + "." + mixed), ("private-key", key),
        ]
    }

    @Test func tokensAreReplacedByTheirKind() {
        for (kind, secret) in Self.cases() {
            #expect(redacted("before \(secret) after") == "before <redacted:\(kind)> after")
            #expect(redacted(secret) == "<redacted:\(kind)>")
        }
    }

    @Test func assignedSecretsAreReplaced() {
        let value = String(Self.hex.prefix(32))
        #expect(redacted("api_key = \"\(value)\"") == "api_key = \"<redacted:assigned-secret>\"")
        #expect(
            redacted("{\"clientSecret\": \"\(value)\"}")
                == "{\"clientSecret\": \"<redacted:assigned-secret>\"}")
        #expect(redacted("export AUTH_TOKEN=\(value)\n") == "export AUTH_TOKEN=<redacted:assigned-secret>\n")
        #expect(redacted("token := '\(value)'") == "token := '<redacted:assigned-secret>'")
        let url = "postgres://app:" + "k8Jf3hQ9xZ" + "@db.internal/main"
        #expect(redacted(url) == "postgres://app:<redacted:url-password>@db.internal/main")
        #expect(
            redacted("TOKEN = 'ghp_" + Self.mixed.prefix(36) + "'") == "TOKEN = '<redacted:github-token>'")
    }

    @Test(arguments: [
        "password = input(\"Your password: \")", "token = tokenizer.next_token_2_of_3(stream)",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "api_key = \"YOUR_API_KEY_1234567890\"", "secret = \"changeme-changeme-1234\"", "sha256 = \"\(hex)\"",
        "commit \(hex)",
        "https://user:password@example.com/", "https://example.com:8080/@user",
        "if key == \"-----BEGIN RSA PRIVATE KEY-----\": pass",
        "the secret of the forest: everything", "ghp_short", "xoxb-",
        "password: \"correct horse battery staple\"", "tokens_per_second = 123456789012345678901234",
        "public_token_key = \"\(hex)\"",
    ]) func whatIsNoSecretStays(text: String) { #expect(redacted(text) == text) }

    @Test func documentsMayBeDroppedOrKept() {
        var document = Document(text: "x ghp_" + Self.mixed.prefix(36))
        var notes = DocumentNotes()
        #expect(SecretRemoval(.drop).apply(to: &document, notes: &notes)?.name == "secret")
        let before = document
        #expect(SecretRemoval(.keep).apply(to: &document, notes: &notes) == nil)
        #expect(document == before)
    }

    @Test func hostileTextsCostNoMoreThanOthers() {
        for piece in [
            "=", ":", "://", "a:", "secret=", "-----BEGIN PRIVATE KEY", "eyJ", "eyJa.", "AKIA",
            "\"token\": \"", "x@",
        ] {
            _ = redacted(String(repeating: piece, count: 20_000))
        }
    }
}
