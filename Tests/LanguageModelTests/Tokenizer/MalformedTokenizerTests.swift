import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Files that are not what they must be: a typed error that names the place, and nothing worse.
@Suite struct MalformedTokenizerTests {
    private static func withFile<Result>(_ contents: [UInt8], _ body: (URL) throws -> Result) throws -> Result
    {
        let url = FileManager.default.temporaryDirectory.appending(component: UUID().uuidString)
        try Data(contents).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url)
    }

    private func error(_ contents: String) throws -> TokenizerError? {
        try Self.withFile(Array(contents.utf8)) { url in
            do throws(TokenizerError) {
                _ = try BytePairTokenizer(contentsOf: url)
                return nil
            } catch {
                return error
            }
        }
    }

    private static func file(
        vocabulary: String = #"{"a":0,"b":1,"ab":2}"#, merges: String = #"["a b"]"#, extra: String = ""
    ) -> String {
        #"{"pre_tokenizer":{"type":"ByteLevel"},\#(extra)"model":{"type":"BPE","vocab":\#(vocabulary),"#
            + #""merges":\#(merges)}}"#
    }

    @Test func aSoundFileIsRead() throws {
        #expect(try error(Self.file()) == nil)
        #expect(try error(Self.file(merges: #"[["a","b"]]"#)) == nil)
    }

    @Test(arguments: [
        ("", "line 1"), ("[]", "line 1"), ("{", "[0], line 1"), ("{}", "the file"),
        (#"{"model":{"vocab":{"a":-1}}}"#, "model.vocab[0], line 1"),
        (#"{"model":{"vocab":{"a":"x"}}}"#, "model.vocab[0], line 1"),
        ("{\n\"model\":{\n\"vocab\":{\"a\":0,\n\"b\" 1}}}", "model.vocab[1], line 4"),
        (#"{"model":{"vocab":{"\ud800":1}}}"#, "model.vocab[0], line 1"),
        (file(merges: #"["ab"]"#), "model.merges[0], line 1"),
        (file(merges: #"[["a","b","c"]]"#), "model.merges[0], line 1"),
        (file(merges: #"["a c"]"#), "merges[0]"),
        (file(merges: #"["b a"]"#), "merges[0]"),
        (file(vocabulary: "{}"), "vocab"),
        (file(vocabulary: #"{"a":0,"b":0}"#), "vocab"),
        (file(vocabulary: #"{"a":0,"b":2000000000}"#), "vocab"),
        (file(extra: #""added_tokens":[{"content":"x"}],"#), "added_tokens[0], line 1"),
        (file(extra: #""added_tokens":[{"id":1,"content":"x"}],"#), "added_tokens"),
        (file(extra: #""added_tokens":[{"id":2000000000,"content":"x"}],"#), "vocab"),
        (file() + "x", "line 1"),
        (#"{"model":{"type":"Unigram","vocab":[["a"]]}}"#, "model.vocab[0], line 1"),
        (#"{"model":{"type":"Unigram","vocab":[["a",-1,2]]}}"#, "model.vocab[0][2], line 1"),
        (#"{"model":{"type":"Unigram","vocab":[[1,-1]]}}"#, "model.vocab[0][0], line 1"),
        (#"{"model":{"type":"Unigram","vocab":{"a":0}}}"#, "model, line 1"),
        (#"{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",-1]]}}"#, "model.unk_id"),
        (#"{"model":{"type":"Unigram","vocab":[]}}"#, "vocab"),
        (
            file(extra: #""normalizer":{"type":"Precompiled","precompiled_charsmap":"!"},"#),
            "normalizer.precompiled_charsmap"
        ),
        (
            file(extra: #""normalizer":{"type":"Precompiled","precompiled_charsmap":"CQAAAA=="},"#),
            "normalizer.precompiled_charsmap"
        ),
    ])
    func malformedFileNamesThePlace(contents: String, place: String) throws {
        guard case .malformed(_, let found, _, _) = try #require(try error(contents)) else {
            Issue.record("not called malformed")
            return
        }
        #expect(found == place)
    }

    @Test(arguments: [
        (#""normalizer":{"type":"BertNormalizer"},"#, "normalizer.type", "\"BertNormalizer\""),
        (
            #""normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"ByteLevel"}]},"#,
            "normalizer.normalizers[1].type", "\"ByteLevel\""
        ),
        (
            #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated"},"#,
            "pre_tokenizer.pattern.Regex", #""\w+""#
        ),
        (#""pre_tokenizer":{"type":"BertPreTokenizer"},"#, "pre_tokenizer.type", "\"BertPreTokenizer\""),
        (#""pre_tokenizer":{"type":"UnicodeScripts"},"#, "pre_tokenizer.type", "\"UnicodeScripts\""),
        (#""pre_tokenizer":{"type":"Whitespace"},"#, "pre_tokenizer.type", "\"Whitespace\""),
        (#""decoder":{"type":"WordPiece"},"#, "decoder.type", "\"WordPiece\""),
        (
            #""normalizer":{"type":"Replace","pattern":{"Regex":"(a+)+b"},"content":""},"#,
            "normalizer.pattern.Regex", #""(a+)+b""#
        ),
        (#""model":{"type":"WordPiece"},"#, "model.type", "\"WordPiece\""),
        (#""model":{"dropout":0.5},"#, "model.dropout", "0.5"),
    ])
    func unsupportedComponentIsNamed(extra: String, place: String, found: String) throws {
        guard
            case .unsupported(_, let key, let name) = try #require(
                try error("{\(extra)\"model\":{\"vocab\":{\"a\":0}}}"))
        else {
            Issue.record("not called unsupported")
            return
        }
        #expect((key, name) == (place, found))
    }

    @Test func deepNestingIsRefused() throws {
        let contents = #"{"normalizer":"# + String(repeating: "[", count: 100_000)
        guard case .malformed = try #require(try error(contents)) else {
            Issue.record("not called malformed")
            return
        }
    }

    @Test func truncationAnywhereIsAnError() throws {
        let sound = try [UInt8](
            Data(contentsOf: TokenizerData.fixtures.appending(path: "llama3.tokenizer.json")))
        for length in stride(from: 0, to: sound.count - 1, by: 37) {
            try Self.withFile(Array(sound[..<length])) { url in
                _ = #expect(throws: TokenizerError.self) { try BytePairTokenizer(contentsOf: url) }
            }
        }
    }

    @Test func changedBytesNeverCrash() throws {
        let sound = try [UInt8](
            Data(contentsOf: TokenizerData.fixtures.appending(path: "mistral.tokenizer.json")))
        for _ in 0..<300 {
            var bytes = sound
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0x20...0x7E) }
            try Self.withFile(bytes) { url in
                do throws(TokenizerError) {
                    let tokenizer = try BytePairTokenizer(contentsOf: url)
                    _ = tokenizer.decode(
                        tokenizer.encode("Some text, ▁ 日本 \u{1F600}.", addingBoundaries: true))
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }

    @Test(arguments: [
        ("", "line 1"), ("!!!! 0\n", "line 1"), ("YQ== 0\nYg== x\n", "line 2"),
        ("YQ== 0\nYg== 0\n", "line 2"),
        ("YQ== 0\nYg==\n", "line 2"), ("YQ== 2000000000\n", "line 1"), ("YQ== -1\n", "line 1"),
    ])
    func malformedRanksNameTheLine(contents: String, place: String) throws {
        try Self.withFile(Array(contents.utf8)) { url in
            do throws(TokenizerError) {
                _ = try BytePairTokenizer(tiktoken: url, pattern: .gpt2)
                Issue.record("no error")
            } catch {
                guard case .malformed(_, let found, _, _) = error else {
                    Issue.record("not called malformed")
                    return
                }
                #expect(found == place)
            }
        }
    }

    @Test func malformedMergesNameTheLine() throws {
        try Self.withFile(Array(#"{"a":0,"b":1,"ab":2}"#.utf8)) { vocabulary in
            for (contents, line) in [("#version: 0.2\na b\nab\n", 3), ("a b\nb a\n", 2), ("a b\n\n", 2)] {
                try Self.withFile(Array(contents.utf8)) { merges in
                    do throws(TokenizerError) {
                        _ = try BytePairTokenizer(vocabulary: vocabulary, merges: merges)
                        Issue.record("no error")
                    } catch {
                        guard case .malformed(_, let found, _, _) = error else {
                            Issue.record("not called malformed")
                            return
                        }
                        #expect(found == "line \(line)")
                    }
                }
            }
        }
    }

    @Test func missingFileIsSaidToBeMissing() {
        let url = URL(filePath: "/nowhere/tokenizer.json")
        #expect(throws: TokenizerError.file(.missing(file: "/nowhere/tokenizer.json"))) {
            try BytePairTokenizer(contentsOf: url)
        }
    }

    @Test func deviceIsNotRead() throws {
        #expect(throws: TokenizerError.self) { try BytePairTokenizer(contentsOf: URL(filePath: "/dev/zero")) }
    }
}
