import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A chat model of a few thousand parameters, with a tokenizer of bytes and a template of marks.
enum TinyChatModel {
    static let template =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

    /// Writes the model's folder.
    static func write(
        to folder: URL, contextLength: Int = 64, family: TransformerConfiguration.Family = .qwen3,
        change: (inout TransformerConfiguration) -> Void = { _ in }
    ) throws {
        var training = BytePairTraining(specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        let tokenizer = try training.tokenizer(vocabularySize: 259)
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 259, width: 32, depth: 2, heads: 2, contextLength: contextLength)
        change(&configuration)
        var random = RandomSource(seed: 5)
        let settings =
            #"{"chat_template": "\#(template.replacing("\n", with: "\\n"))", "eos_token": "<|im_end|>"}"#
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(tokenizer.tokenizerJSON).write(to: folder.appending(path: "tokenizer.json"))
        try Data(settings.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
        try ModelDirectory(folder).write(Transformer(configuration, using: &random))
    }
}
