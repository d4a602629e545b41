public import Foundation
public import LanguageModel
import NeuralCore

/// Further models that read the same token ids, such as a reference or a reward model.
extension TextFormat {
    /// The language model in a folder, or that its adapter makes of the model it is for; it must read this format's ids.
    ///
    /// ```swift
    /// let reference = try chat.format.languageModel(contentsOf: folder)
    /// var dpo = DirectPreferenceOptimization(policy: chat.model, reference: reference, beta: 0.1)
    /// ```
    ///
    /// - Parameters:
    ///   - folder: The model's folder. A tokenizer in it must give each id the meaning that it has here; one without says
    ///     nothing about whose it is.
    ///   - context: The most tokens of a text, for which the model must be meant; 0 where it is not known.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``.
    public func languageModel(
        contentsOf folder: URL, context: Int = 0, base: URL? = nil
    ) throws(ChatModelError) -> Transformer {
        try fitting(folder, context, base, \.configuration) { directory throws(ModelDirectoryError) in
            try directory.languageModel(base: base)
        }
    }

    /// The reward model in a folder, or that its adapter makes of the model it is for; it must read this format's ids.
    ///
    /// ```swift
    /// let judge = try chat.format.rewardModel(contentsOf: folder)
    /// grpo.step(on: prompts, rewardedBy: CompletionReward(of: judge), using: random.split())
    /// ```
    ///
    /// - Parameters:
    ///   - folder: The model's folder. A tokenizer in it must give each id the meaning that it has here; one without says
    ///     nothing about whose it is.
    ///   - context: The most tokens of a text, for which the model must be meant; 0 where it is not known.
    ///   - base: The folder of the model that an adapter is for; nil for where the adapter says it is.
    /// - Throws: ``ChatModelError``.
    public func rewardModel(
        contentsOf folder: URL, context: Int = 0, base: URL? = nil
    ) throws(ChatModelError) -> RewardModel {
        try fitting(folder, context, base, \.body.configuration) { directory throws(ModelDirectoryError) in
            try directory.rewardModel(base: base)
        }
    }

    private func fitting<Model>(
        _ folder: URL, _ context: Int, _ base: URL?, _ configuration: (Model) -> TransformerConfiguration,
        read: (ModelDirectory) throws(ModelDirectoryError) -> Model
    ) throws(ChatModelError) -> Model {
        let model: Model
        do throws(ModelDirectoryError) {
            model = try read(ModelDirectory(folder))
        } catch {
            throw .model(error)
        }
        let name = folder.relativePath
        do throws(MisfitError) {
            try configuration(model).check(tokenizer, name: name)
            try configuration(model).check(context: context, name: name)
            if let own = try? TextFormat(contentsOf: folder, base: base).tokenizer {
                try tokenizer.check(own, name: name)
            }
        } catch {
            throw .misfit(error)
        }
        return model
    }
}
