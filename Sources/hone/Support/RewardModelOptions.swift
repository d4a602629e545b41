import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Which reward models judge, and how several become one.
struct RewardModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A reward model that judges the answers; given several times, they judge together.",
            valueName: "dir"))
    var rewardModel: [String] = []

    @OptionGroup var combination: RewardCombinationOption

    /// The models as one; nil where there is none.
    ///
    /// - Parameter tokenizer: That of the answers, which each model must know.
    func ensemble(_ tokenizer: BytePairTokenizer) throws -> RewardEnsemble? {
        rewardModel.isEmpty ? nil : try combination.ensemble(rewardModel, tokenizer)
    }

    /// What decides the result, by flag.
    var described: [String: String] {
        var described = ["reward_model": rewardModel.isEmpty ? "none" : rewardModel.joined(separator: ",")]
        if rewardModel.count > 1 { described["reward_combination"] = combination.rewardCombination.rawValue }
        return described
    }
}

/// How the rewards of several models become one.
struct RewardCombinationOption: ParsableArguments {
    @Option(
        help:
            "How the rewards of several models become one: mean, minimum, or lower-bound, the mean less one standard deviation."
    )
    var rewardCombination: Name = .mean

    /// `RewardEnsemble.Combination` by its name.
    enum Name: String, ExpressibleByArgument, CaseIterable {
        case mean, minimum
        case lowerBound = "lower-bound"

        var combination: RewardEnsemble.Combination {
            switch self {
            case .mean: .mean
            case .minimum: .minimum
            case .lowerBound: .lowerBound(deviations: 1)
            }
        }
    }

    /// The reward models in folders, at least one, as one.
    func ensemble(_ folders: [String], _ tokenizer: BytePairTokenizer) throws -> RewardEnsemble {
        let members = try folders.map { folder in
            guard FileManager.default.fileExists(atPath: folder) else {
                throw LikelihoodError.missing(file: folder)
            }
            let model = try ModelDirectory(URL(filePath: folder)).rewardModel()
            let known = model.body.configuration.vocabularySize
            guard tokenizer.vocabularySize <= known else {
                throw LikelihoodError.vocabulary(tokenizer: tokenizer.vocabularySize, model: known)
            }
            return model
        }
        return RewardEnsemble(members, combining: rewardCombination.combination)
    }
}
