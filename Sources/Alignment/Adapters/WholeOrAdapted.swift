public import LanguageModel
public import NeuralCore

/// All of a model, or an adapter on it: what is trained, where the user of a program decides that.
///
/// ```swift
/// let policy =
///     wantsAdapter ? TrainedTransformer(chat.model.adapted(rank: 16, using: &random)) : TrainedTransformer(chat.model)
/// var dpo = DirectPreferenceOptimization(policy: policy, beta: 0.1)
/// ```
///
/// A program that knows which of the two it trains needs no such type: methods take either.
public struct WholeOrAdapted<Whole: Module, Adapted: Module>: Module {
    // One of the two is there. They are no cases of an enumeration so that parameters can be moved in place.
    /// The model, where all of it is trained.
    public private(set) var whole: Whole?
    /// The adapter on its model, where that alone is trained.
    public private(set) var adapted: Adapted?

    /// All of a model.
    public init(_ model: Whole) { whole = model }

    /// An adapter on a frozen model.
    public init(_ adapted: Adapted) { self.adapted = adapted }

    /// Visits the parameters of the one that is there.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        whole?.visitParameters(&visitor)
        adapted?.visitParameters(&visitor)
    }

    /// Returns a value of the one that exists.
    private func value<Value>(_ whole: (Whole) -> Value, _ adapted: (Adapted) -> Value) -> Value {
        guard let value = self.whole.map(whole) ?? self.adapted.map(adapted) else {
            misuse("a model that is neither whole nor adapted")
        }
        return value
    }
}

/// All of a transformer, or an adapter on it.
public typealias TrainedTransformer = WholeOrAdapted<Transformer, AdaptedTransformer>

extension WholeOrAdapted: TransformerParameters
where Whole: TransformerParameters, Adapted: TransformerParameters {
    /// The transformer that the parameters make.
    public var transformer: Transformer { value(\.transformer, \.transformer) }

    /// The same with what the adapter drops, where there is one.
    public func transformer(droppingWith random: RandomSource) -> Transformer {
        value({ $0.transformer(droppingWith: random) }, { $0.transformer(droppingWith: random) })
    }
}

extension TrainedTransformer {
    /// A model that needs no adapter.
    public var merged: Transformer { value({ $0 }, \.merged) }
}

/// All of a reward model, or an adapter and a score on a frozen transformer.
public typealias TrainedRewardModel = WholeOrAdapted<RewardModel, AdaptedRewardModel>

extension WholeOrAdapted: RewardModelParameters
where Whole: RewardModelParameters, Adapted: RewardModelParameters {
    /// The reward model that the parameters make.
    public var rewardModel: RewardModel { value(\.rewardModel, \.rewardModel) }
}

extension TrainedRewardModel {
    /// A reward model that needs no adapter.
    public var merged: RewardModel { value({ $0 }, \.merged) }
}
