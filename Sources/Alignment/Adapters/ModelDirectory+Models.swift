public import LanguageModel
import NeuralCore

extension ModelDirectory {
    /// The language model that the directory holds, or that its adapter makes of the model it is for.
    public func languageModel() throws(ModelDirectoryError) -> Transformer {
        try contents() == .adapter ? adaptedTransformer().merged : transformer()
    }

    /// The reward model that the directory holds, or that its adapter makes of the model it is for.
    ///
    /// - Throws: `ModelDirectoryError` where there is none, or its parameters are not those its configuration tells of.
    public func rewardModel() throws(ModelDirectoryError) -> RewardModel {
        if try contents() == .rewardAdapter { return try adaptedRewardModel().merged }
        let (body, score) = try scoredTransformer()
        return RewardModel(body: body, score: score)
    }

    /// The adapter in the directory, on the model it says it is for.
    public func adaptedTransformer() throws(ModelDirectoryError) -> AdaptedTransformer {
        let base = try adapterBase().transformer()
        return base.applying(try adapter(for: base))
    }
}
