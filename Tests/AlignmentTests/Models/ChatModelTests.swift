import Alignment
import Conversations
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

@Suite struct ChatModelTests {
    private static let template = "{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}"

    /// A tiny model with files beside it, of which more than what training changes is said.
    private func makeModel(in folder: URL, _ files: [String: String]) throws {
        let fixture = try JSONValue(
            parsing: Array(Data(contentsOf: TestFiles.fixtures().appending(path: "text_formats.json"))))
        let tokenizer = fixture["tokenizers"]?["marks"]?.text() ?? ""
        var random = RandomSource(seed: 1)
        var configuration = TransformerConfiguration(
            family: .llama, vocabularySize: 300, width: 8, depth: 1, heads: 1)
        configuration.endOfSequence = [1]
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
        for (name, text) in files.merging(["tokenizer.json": tokenizer], uniquingKeysWith: { a, _ in a }) {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
    }

    private func json(_ name: String, in folder: URL) throws -> JSONObject {
        let data = try Data(contentsOf: folder.appending(path: name))
        return try #require(try JSONValue(parsing: Array(data)).object)
    }

    @Test func whatIsNotChangedIsWrittenAsItWasRead() throws {
        try withTemporaryFolder { folder in
            let (base, out) = (folder.appending(path: "base"), folder.appending(path: "out"))
            let configuration = #"""
                {"model_max_length": 1000000000000000019884624838656, "padding_side": "left", "eos_token": {"content": "</s>",
                 "lstrip": false}, "chat_template": [{"name": "default", "template": "T"}, {"name": "x", "template": "y"}],
                 "custom": [1.50, {"a": null}]}
                """#
            let generation =
                #"{"do_sample": true, "temperature": 0.60, "eos_token_id": [1, 900], "top_p": 0.95}"#
            try makeModel(
                in: base,
                [
                    "tokenizer_config.json": configuration.replacing("\"T\"", with: "\"\(Self.template)\""),
                    "generation_config.json": generation, "special_tokens_map.json": #"{"bos_token": "<s>"}"#,
                ])
            let chat = try ChatModel(contentsOf: base)
            #expect(chat.model.endOfSequence == [1])
            try chat.write(to: out)
            let written = try json("tokenizer_config.json", in: out)
            let read = try json("tokenizer_config.json", in: base)
            for (key, value) in read.members { #expect(written[key] == value, "\(key)") }
            let text = try String(contentsOf: out.appending(path: "tokenizer_config.json"), encoding: .utf8)
            #expect(text.contains("1000000000000000019884624838656") && text.contains("1.50"))
            #expect(try json("special_tokens_map.json", in: out) == ["bos_token": "<s>"])
            let ends = try json("generation_config.json", in: out)
            #expect(ends["temperature"]?.number == 0.6 && ends["do_sample"]?.bool == true)
            // The template ends turns with a token of its own, which comes first.
            #expect(ends["eos_token_id"] == [3, 1])
            #expect(try ChatModel(contentsOf: out).format.stopTokens == [3, 1])
        }
    }

    @Test func aModelWithoutATemplateIsWrittenWithTheOneItAdopted() throws {
        try withTemporaryFolder { folder in
            let (base, out) = (folder.appending(path: "base"), folder.appending(path: "out"))
            try makeModel(
                in: base,
                [
                    "tokenizer_config.json": #"{"bos_token": "<s>"}"#,
                    "special_tokens_map.json": #"{"eos_token": "</s>"}"#,
                ])
            let chat = try ChatModel(contentsOf: base)
            #expect(chat.format.isTemplateAdopted)
            try chat.write(to: out)
            let format = try ChatModel(contentsOf: out).format
            #expect(!format.isTemplateAdopted && format.template.source == ChatTemplate.chatML.source)
            #expect(try json("special_tokens_map.json", in: out)["eos_token"] == "<|im_end|>")
            #expect(try ModelDirectory(out).configuration().endOfSequence == [3, 1])
            #expect(format.endOfText == 3)
        }
    }

    @Test func generationEndsWhereTransformersEndsIt() throws {
        try withTemporaryFolder { folder in
            try makeModel(in: folder, [:])
            let file = folder.appending(path: "generation_config.json")
            for (text, ends) in [
                (#"{"eos_token_id": 7}"#, [7]), (#"{"eos_token_id": [7, 8]}"#, [7, 8]),
                // Where it names none, those of config.json serve; transformers would not end at all.
                (#"{"temperature": 0.5}"#, [1]), (#"{"eos_token_id": null}"#, [1]),
                (#"{"eos_token_id": [7, 800]}"#, [7]), (#"{"eos_token_id": -1}"#, [1]),
            ] as [(String, [Int32])] {
                try Data(text.utf8).write(to: file)
                #expect(try ModelDirectory(folder).configuration().endOfSequence == ends, "\(text)")
            }
            try Data(#"{"eos_token_id": "two"}"#.utf8).write(to: file)
            #expect(throws: ModelDirectoryError.self) { try ModelDirectory(folder).configuration() }
        }
    }

    @Test func aProgramIsGivenTheRecordTheConversationAndWhatTheAnswerSays() throws {
        try withTemporaryFolder { folder in
            try makeModel(in: folder, ["tokenizer_config.json": #"{"eos_token": "</s>"}"#])
            let chat = try ChatModel(contentsOf: folder)
            let records = [
                PromptRecord(.messages([.system("short"), .user("who?")]), columns: ["words": 7]),
                PromptRecord(.text("the bread is"), columns: ["words": 9]),
            ]
            let end = try #require(chat.format.endOfTurn)
            let completions = ["Ada does.", " baked"].map { chat.tokenizer.encode($0) + [end] }
            let rollout = Rollout(
                prompts: try records.map { try chat.format.prompt($0) },
                completions: completions.enumerated().map { number, tokens in
                    Rollout.Completion(prompt: number, tokens: tokens, isEnded: true)
                }, using: RandomSource(seed: 1))
            let program = ProgrammaticReward("seen") { answer in
                #expect(["Ada does.", " baked"].contains(answer.text))
                let isFirst = answer.text == "Ada does."
                #expect(answer.conversation.messages.count == (isFirst ? 2 : 1))
                return answer.columns["words"]?.number
            }
            let scored = rollout.scored(by: chat.format.reward(program, of: records))
            #expect(scored.rewards == [7, 9])
        }
    }
}

/// An adapter with all that goes with it.
@Suite struct AdaptedChatModelTests {
    @Test func anAdapterIsWrittenBesideItsTokenizerAndNamesItsBase() throws {
        try withTemporaryFolder { folder in
            let (base, first, second) = (
                folder.appending(path: "base"), folder.appending(path: "first"),
                folder.appending(path: "second")
            )
            try TinyChatModel.write(to: base)
            let chat = try ChatModel(contentsOf: base)
            var random = RandomSource(seed: 1)
            var adapted = chat.model.adapted(rank: 2, alpha: 4, using: &random)
            for index in adapted.adapter.maps.indices {
                let shape = adapted.adapter.maps[index].up.shape
                adapted.adapter.maps[index].up = Tensor(of: shape, from: .uniform(in: -1..<1), using: &random)
            }
            try chat.with(adapted).write(to: first)
            let read = try ChatModel(contentsOf: first)
            #expect(read.template.source == chat.template.source && read.ends == chat.ends)
            #expect(
                read.model.embedding.weight.scalars
                    == chat.with(adapted).merged.model.embedding.weight.scalars)
            let prompt = try read.format.prompt(Conversation([.user("a")]))
            let (here, there) = (adapted.merged, read.model)
            #expect(
                logits(here, prompt) == logits(there, prompt)
                    && logits(here, prompt) != logits(chat.model, prompt))

            // One on top of it is one of the same base.
            try read.with(read.model.adapted(rank: 3, using: &random)).write(to: second)
            let top = try JSONValue(
                parsing: Array(Data(contentsOf: second.appending(path: "adapter_config.json"))))
            #expect(top["r"]?.integer == 5)
            let path = try #require(top["base_model_name_or_path"]?.string)
            #expect(URL(filePath: path).standardizedFileURL.path == base.standardizedFileURL.path)
        }
    }

    private func logits(_ model: Transformer, _ tokens: [Int32]) -> [Float] {
        Decoding(model, prompts: [tokens], sampling: .greedy, maxTokens: 1, using: RandomSource(seed: 0))
            .afterOneStep.sequences[0].logProbabilities
    }
}

extension Decoding {
    fileprivate var afterOneStep: Decoding {
        var copy = self
        copy.step()
        return copy
    }
}
