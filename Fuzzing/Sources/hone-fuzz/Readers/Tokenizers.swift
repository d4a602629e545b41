import Alignment
import Foundation
import LanguageModel

extension Reader {
    /// Files that say what a tokenizer is.
    static let tokenizers = [
        Reader(
            "tokenizer-json", tokens: tokenizerTokens,
            seeds: { scratch in
                try [
                    "added", "digits", "llama2", "llama3", "metaspace", "mistral", "qwen2", "t5", "accents",
                    "deepseek-v3", "falcon",
                ].map {
                    try scratch.fixture("LanguageModelTests/Fixtures/Tokenizer/\($0).tokenizer.json")
                } + [small]
            },
            read: { bytes, scratch in
                try use(BytePairTokenizer(contentsOf: scratch.file("tokenizer.json", bytes)))
            }),
        Reader(
            "sentencepiece", tokens: ["<unk>", "<s>", "<0x0A>", "\u{12}", "\u{1A}", "\u{15}"],
            seeds: { scratch in
                try ["unigram", "unigram-bytes", "merges", "merges-bare"].map {
                    try scratch.fixture("LanguageModelTests/Fixtures/Tokenizer/\($0).model")
                }
            },
            read: { bytes, scratch in
                try use(BytePairTokenizer(contentsOf: scratch.file("tokenizer.model", bytes)))
            }),
        Reader(
            "tiktoken", tokens: ["AA==", "IQ== 0", "YWI= 256", "=", " 255"],
            seeds: { _ in
                let bytes = (0...255).map { "\(Data([UInt8($0)]).base64EncodedString()) \($0)\n" }
                return [Array((bytes.joined() + "YWI= 256\nYWJj 257\n").utf8)]
            },
            read: { bytes, scratch in
                try use(BytePairTokenizer(tiktoken: scratch.file("a.tiktoken", bytes), pattern: .cl100k))
            }),
        Reader(
            "vocab-merges", tokens: tokenizerTokens + [separator, "#version: 0.2\n"],
            seeds: { scratch in [try pair(scratch)] },
            read: { bytes, scratch in
                let names = [
                    "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json",
                    "tokenizer_config.json",
                ]
                let parts = bytes.split(
                    separator: separator.utf8.first!, maxSplits: 4, omittingEmptySubsequences: false)
                for (name, part) in zip(names, parts) { _ = scratch.file(name, part) }
                for name in names.dropFirst(parts.count) { _ = scratch.file(name, Array("{}".utf8)) }
                try use(BytePairTokenizer(directory: scratch.folder))
            }),
        Reader(
            "tokenizer-config", tokens: tokenizerTokens + templateTokens,
            seeds: { _ in
                [
                    Array(
                        #"{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "add_bos_token": true, "pad_token": null, "added_tokens_decoder": {"0": {"content": "<s>", "special": true}}, "extra_special_tokens": {"image_token": "<i>"}, "chat_template": [{"name": "default", "template": "{% for m in messages %}{{ m.content }}{% endfor %}"}]}"#
                            .utf8),
                    Array(
                        #"{"tokenizer_class": "GPT2Tokenizer", "chat_template": "{{ bos_token }}{{ messages[0]['content'] }}", "additional_special_tokens": ["<a>"]}"#
                            .utf8),
                ]
            },
            read: { bytes, scratch in
                let file = scratch.file("tokenizer_config.json", bytes)
                _ = try? TokenizerConfiguration(contentsOf: file)
                _ = try ChatTemplate(directory: scratch.folder)
            }),
    ]

    private static let separator = "\u{1E}"

    static let tokenizerTokens = [
        "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model", "vocab",
        "merges", "BPE", "Sequence",
        "Replace", "Prepend", "NFC", "Metaspace", "ByteLevel", "ByteFallback", "Fuse", "Strip", "Split",
        "Digits", "normalizers",
        "content", "special", "normalized", "single_word", "lstrip", "rstrip", "unk_token", "byte_fallback",
        "ignore_merges",
        "Unigram", "unk_id", "Precompiled", "precompiled_charsmap", "NFKC", "StripAccents", "Nmt", "Regex",
        "Punctuation", "WhitespaceSplit", "Contiguous", "Removed", "MergedWithNext", "invert", "\\s+$",
        "{2,}", "[a-c]+|x?",
        "TemplateProcessing", "Ġ", "<|endoftext|>", "bos_token", "eos_token", "add_prefix_space",
        "added_tokens_decoder",
    ]

    private static let small = Array(
        #"{"added_tokens":[{"id":3,"content":"<e>","special":true,"normalized":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"String":" "},"content":"▁"},{"type":"Prepend","prepend":"▁"}]},"pre_tokenizer":null,"post_processor":null,"decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},"model":{"type":"BPE","unk_token":"a","byte_fallback":true,"ignore_merges":true,"vocab":{"a":0,"b":1,"ab":2,"<e>":3,"▁":4},"merges":["a b"]}}"#
            .utf8)

    /// Uses a tokenizer a little, as what is wrong may show only then.
    private static func use(_ tokenizer: BytePairTokenizer) throws {
        let text = "a b  ab\u{301}é 12<|end|> <e> 项\u{0}🦅"
        let ids = tokenizer.encode(text, addingBoundaries: true)
        _ = tokenizer.decode(ids + [-1, .max, 0, 3], skippingSpecialTokens: true)
        var decoder = StreamingDecoder(tokenizer)
        for id in ids { _ = decoder.append(id) }
        _ = decoder.finish()
        _ = tokenizer.tokenizerJSON
    }

    private static func pair(_ scratch: Scratch) throws -> [UInt8] {
        struct File: Decodable {
            struct Model: Decodable {
                var vocab: [String: Int]
                var merges: [[String]]
            }
            var model: Model
        }
        let file = try scratch.fixture("LanguageModelTests/Fixtures/Tokenizer/digits.tokenizer.json")
        let model = try JSONDecoder().decode(File.self, from: Data(file)).model
        let vocabulary = model.vocab.sorted { $0.value < $1.value }.map { entry in
            String(decoding: (try? JSONEncoder().encode([entry.key: entry.value])) ?? Data(), as: UTF8.self)
                .dropFirst().dropLast()
        }
        let merges = model.merges.map { $0.joined(separator: " ") }.joined(separator: "\n")
        return Array(
            [
                "{\(vocabulary.joined(separator: ","))}", "#version: 0.2\n\(merges)\n",
                "{\"<a>\":\(model.vocab.count)}", #"{"eos_token":"<|end|>"}"#,
                #"{"tokenizer_class":"Qwen2Tokenizer"}"#,
            ]
            .joined(separator: separator).utf8)
    }
}
