import Foundation
import Testing
import TextCorpus

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

    /// Keys as openssl and ssh-keygen write them, made anew: the beginnings are those of the formats (RFC 8410, RFC 5915,
    /// PROTOCOL.key of OpenSSH), the rest is random. `Fixtures/Corpus/check-private-keys.sh` does the same with real ones.
    @Test(arguments: [
        // The kind, the letters it begins with, the bytes of all, the letters of a line.
        ("", "MC4CAQAwBQYDK2VwBCIEI", 48, 64), ("", "MC4CAQAwBQYDK2VuBCIEI", 48, 64),
        ("", "MEcCAQAwBQYDK2VxBDsEOQ", 73, 64),
        ("", "MEYCAQAwBQYDK2VvBDoEO", 72, 64), ("EC ", "MCACAQEEDg", 34, 64), ("EC ", "MD4CAQEEDg", 64, 64),
        ("EC ", "MHcCAQEEI", 121, 64), ("", "MIGHAgEAMBMGByqGSM49AgEG", 138, 64),
        ("RSA ", "MIIEowIBAAKCAQEA", 1_191, 64),
        ("RSA ", "MIIBOgIBAAJB", 318, 64), ("", "MIIkQgIBADANBgkqhkiG9w0BAQEFAASC", 9_286, 64),
        ("DSA ", "MIIDVgIBAAKCAQEA", 858, 64),
        ("ENCRYPTED ", "MIGjMF8GCSqGSIb3DQEFDTBS", 166, 64),
        ("OPENSSH ", "b3BlbnNzaC1rZXktdjEAAAAA", 276, 70),
        ("OPENSSH ", "b3BlbnNzaC1rZXktdjEAAAAA", 9_800, 70), ("", "MDQCAQAwCwYJYIZIAWUDBAMS", 54, 64),
    ]) func privateKeysOfEveryKindAreReplaced(kind: String, beginning: String, size: Int, line: Int) {
        var state = UInt64(size)
        for number in 0..<40 {
            let bytes = (0..<size).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(state >> 56)
            }
            var rest = (beginning + Data(bytes).base64EncodedString().dropFirst(beginning.count))[...]
            var lines: [Substring] = []
            while !rest.isEmpty {
                lines.append(rest.prefix(line))
                rest = rest.dropFirst(line)
            }
            for (ending, extra) in [
                ("\n", ""), ("\r\n", ""), ("\\n", ""),
                ("\n", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"),
            ] {
                let key =
                    "-----BEGIN \(kind)" + "PRIVATE KEY-----" + ending + extra
                    + lines.joined(separator: ending) + ending
                    + "-----END \(kind)" + "PRIVATE KEY-----"
                #expect(redacted("a \(key) b") == "a <redacted:private-key> b", "\(number) \(key.count)")
            }
        }
    }

    @Test func printedPrivateKeysAreReplaced() {
        let pairs = (0..<32).map { String(256 + $0 * 37 % 256, radix: 16).dropFirst() }
        let lines = [pairs[..<15], pairs[15..<30], pairs[30...]].map { "    " + $0.joined(separator: ":") }
        let number = lines.joined(separator: ":\n") + "\n"
        for name in ["priv", "privateExponent", "prime1", "coefficient"] {
            #expect(
                redacted("\(name):\n\(number)pub:\n\(number)")
                    == "\(name):\n    <redacted:private-key>\npub:\n\(number)")
        }
        #expect(redacted("modulus:\n" + number) == "modulus:\n" + number)
        #expect(redacted("priv:\n    ab:cd\n") == "priv:\n    ab:cd\n")
    }

    @Test(arguments: [
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "It stands between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----.",
        "-----BEGIN PRIVATE KEY-----\n<the base64 of your key goes here>\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n/usr/local/share/keys/of/the/server/here\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
    ]) func textsAboutKeysStay(text: String) { #expect(redacted(text) == text) }

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
