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
    /// - Parameters:
    ///   - tokenizer: That of the answers, which each model must read.
    ///   - base: The folder of the model that adapters are for; nil for where they say it is.
    func ensemble(_ tokenizer: BytePairTokenizer, base: URL? = nil) throws -> RewardEnsemble? {
        rewardModel.isEmpty ? nil : try combination.ensemble(rewardModel, tokenizer, base: base)
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
    ///
    /// - Parameters:
    ///   - tokenizer: That of the texts, which each model must read.
    ///   - base: The folder of the model that adapters are for; nil for where they say it is.
    func ensemble(
        _ folders: [String], _ tokenizer: BytePairTokenizer, base: URL? = nil
    ) throws -> RewardEnsemble {
        let members = try folders.map { folder in
            try ModelFit(of: tokenizer).checkedRewardModel(folder, base: base)
        }
        return RewardEnsemble(members, combining: rewardCombination.combination)
    }
}
