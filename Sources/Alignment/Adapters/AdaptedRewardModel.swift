public import Foundation
public import LanguageModel
public import NeuralCore

/// A reward model whose body is frozen but for an adapter; the adapter and the score are trained.
///
///     let start = AdaptedRewardModel(base.applying(adapter), using: &random)
///     var modeling = RewardModeling(start)
public struct AdaptedRewardModel: RewardModelParameters {
    /// The transformer that reads the text.
    public var body: AdaptedTransformer
    /// The map from its last activations to a score, `[1, width]`.
    public var score: Linear

    /// A reward model on an adapted transformer, its score initialized at random.
    public init(_ body: AdaptedTransformer, using random: inout RandomSource) {
        self.init(body: body, score: RewardModel(body.base, using: &random).score)
    }

    /// A reward model from its parts.
    public init(body: AdaptedTransformer, score: Linear) {
        self.body = body
        self.score = score
    }

    /// The reward model that these parameters make.
    public var rewardModel: RewardModel { RewardModel(body: body.transformer, score: score) }

    /// The reward model with the adapter merged into its weights.
    public var merged: RewardModel { RewardModel(body: body.merged, score: score) }

    /// Visits the adapter and the score.
    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        body.visitParameters(&visitor)
        visitor.visit(&score, named: "score")
    }
}

extension ModelDirectory {
    /// Writes the adapter and the score so that PEFT loads them onto transformers' class for sequence classification.
    ///
    /// - Parameters:
    ///   - model: The adapter and the score, on their base; the base is not written.
    ///   - base: The folder of the base, or its name on the Hub, as PEFT will look for it.
    ///   - type: The type that numbers are stored as.
    public func write(
        _ model: AdaptedRewardModel, base: String, as type: StoredType = .float32
    ) throws(ModelDirectoryError) {
        try write(
            model.body, base: base, task: "SEQ_CLS", besides: [("score.weight", model.score.weight)], as: type
        )
    }

    /// The adapter and the score in the directory, on the model they say they are for.
    ///
    /// - Parameter base: The folder of that model; nil for where the adapter says it is.
    public func adaptedRewardModel(base: URL? = nil) throws(ModelDirectoryError) -> AdaptedRewardModel {
        let directory = try adapterBase(base)
        func parts(for body: Transformer) throws(ModelDirectoryError) -> (LowRankAdapter, Linear) {
            let (adapter, others) = try readAdapter(for: body, besides: ["score.weight"])
            guard others[0].shape == [1, body.configuration.width] else {
                throw .malformed(
                    file: url.path(percentEncoded: false), key: "score.weight", found: "\(others[0].shape)",
                    expected: "[1, \(body.configuration.width)]")
            }
            return (adapter, Linear(weight: others[0]))
        }
        switch try directory.contents() {
        case .languageModel, .rewardModel:
            let body =
                try directory.contents() == .rewardModel
                ? directory.scoredTransformer().body : directory.transformer()
            let (adapter, score) = try parts(for: body)
            return AdaptedRewardModel(body: body.applying(adapter), score: score)
        case .adapter, .rewardAdapter:
            let inner =
                try directory.contents() == .adapter
                ? directory.adaptedTransformer() : directory.adaptedRewardModel().body
            let (adapter, score) = try parts(for: inner.merged)
            return AdaptedRewardModel(body: try inner.folding(adapter, at: directory), score: score)
        }
    }
}
