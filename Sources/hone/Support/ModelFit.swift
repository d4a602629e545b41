import Alignment
import Foundation
import LanguageModel

/// What a second model must fit, such as a reference or a reward model: the tokens of the first.
struct ModelFit {
    private let tokenizer: BytePairTokenizer
    private let context: Int

    /// - Parameters:
    ///   - tokenizer: The tokenizer whose ids the model is to read.
    ///   - context: The most tokens of a text; 0 where the model reads no more than it can.
    init(of tokenizer: BytePairTokenizer, context: Int = 0) {
        (self.tokenizer, self.context) = (tokenizer, context)
    }

    /// The language model in a folder.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    func checked(_ folder: String, base: URL?) throws -> Transformer {
        let model = try ModelDirectory(try existing(folder)).languageModel(base: base)
        try check(folder, model.configuration, base: base)
        return model
    }

    /// The reward model in a folder.
    ///
    /// - Parameter base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    func checkedRewardModel(_ folder: String, base: URL?) throws -> RewardModel {
        let model = try ModelDirectory(try existing(folder)).rewardModel(base: base)
        try check(folder, model.body.configuration, base: base)
        return model
    }

    private func check(_ folder: String, _ configuration: TransformerConfiguration, base: URL?) throws {
        try configuration.check(tokenizer, name: folder)
        try configuration.check(context: context, name: folder)
        // A folder without a tokenizer says nothing about which one it is for.
        if let own = try? TextFormat(contentsOf: URL(filePath: folder), base: base).tokenizer {
            try tokenizer.check(own, name: folder)
        }
    }
}
