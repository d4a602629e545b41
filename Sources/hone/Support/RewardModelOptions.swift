import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// Which reward models judge, and how several become one.
struct RewardModelOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "A reward model that judges the answers; given several times, they judge together.",
            valueName: "dir"))
    var rewardModel: [String] = []

    @OptionGroup var combination: RewardCombinationOption

    func validate() throws { try combination.check(models: rewardModel.count, named: "--reward-model") }

    /// The models as one; nil where there is none.
    ///
    /// - Parameters:
    ///   - tokenizer: That of the answers, which each model must read.
    ///   - context: The most tokens of a prompt with its answer, which each model must read; 0 where it is not known.
    ///   - base: The folder of the model that adapters are for; nil for where they say it is.
    func ensemble(
        _ tokenizer: BytePairTokenizer, context: Int = 0, base: URL? = nil
    ) throws -> RewardEnsemble? {
        rewardModel.isEmpty
            ? nil : try combination.ensemble(rewardModel, tokenizer, context: context, base: base)
    }

    /// The options with what is taken where nothing was said.
    var filled: RewardModelOptions {
        var filled = self
        if rewardModel.count > 1 {
            filled.combination.rewardCombination = combination.rewardCombination ?? .mean
        }
        return filled
    }
}

/// How the rewards of several models become one.
struct RewardCombinationOption: ParsableArguments, Encodable {
    @Option(
        help:
            "How the rewards of several models become one: mean, which it is unless given, minimum, or lower-bound, the mean less one standard deviation."
    )
    var rewardCombination: Name?

    /// Refuses the option where there is nothing to combine.
    ///
    /// - Parameter option: The option that names the models.
    func check(models: Int, named option: String) throws {
        try refuse(
            "--reward-combination", if: rewardCombination != nil && models < 2, "it needs \(option) twice")
    }

    /// `RewardEnsemble.Combination` by its name.
    enum Name: String, ExpressibleByArgument, CaseIterable, Encodable {
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
    ///   - context: The most tokens of a text, which each model must read; 0 where it is not known.
    ///   - precision: How its products are computed.
    ///   - base: The folder of the model that adapters are for; nil for where they say it is.
    func ensemble(
        _ folders: [String], _ tokenizer: BytePairTokenizer, context: Int = 0,
        _ precision: MatrixPrecision = .float32, base: URL? = nil
    ) throws -> RewardEnsemble {
        let members = try folders.map { folder in
            var model = try ModelFit(of: tokenizer, context: context)
                .checkedRewardModel(folder, base: base)
            model.body.precision = precision
            return model
        }
        return RewardEnsemble(members, combining: (rewardCombination ?? .mean).combination)
    }
}
