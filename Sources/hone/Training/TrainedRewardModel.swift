import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// What `hone reward` trains: all of a reward model, or an adapter and a score on a frozen model.
struct TrainedRewardModel: RewardModelParameters {
    // One of the two is there. They are no cases of an enumeration so that parameters can be moved in place.
    private var whole: RewardModel?
    private var adapted: AdaptedRewardModel?

    /// A reward model about to be trained.
    ///
    /// - Parameter adapter: The form of the adapter; nil to train all of the model.
    init(_ model: Transformer, adapter: LowRankConfiguration?, using random: inout RandomSource) {
        if let adapter {
            adapted = AdaptedRewardModel(model.adapted(adapter, using: &random), using: &random)
        } else {
            whole = RewardModel(model, using: &random)
        }
    }

    var rewardModel: RewardModel {
        guard let model = whole ?? adapted?.rewardModel else {
            misuse("a reward model that is neither whole nor adapted")
        }
        return model
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        whole?.visitParameters(&visitor)
        adapted?.visitParameters(&visitor)
    }

    /// Writes the model, or the adapter and the score alone where there are some.
    ///
    /// - Parameter base: The model that the adapter is for; nil to merge it.
    func write(to folder: URL, chat: ChatModel, base: AdapterBase?) throws {
        if let adapted, let base { return try chat.write(adapted, to: folder, base) }
        try chat.with(adapted?.merged ?? rewardModel).write(to: folder)
    }
}
