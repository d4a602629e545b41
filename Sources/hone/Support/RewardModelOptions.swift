import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// The reward models that judge, and the combination of several into one.
struct RewardModelOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "A reward model that judges the answers; given several times, they judge together.",
            valueName: "dir"), completion: .model)
    var rewardModel: [String] = []

    @OptionGroup var combination: RewardCombinationOption

    func validate() throws { try combination.check(models: rewardModel.count, named: "--reward-model") }

    /// The models as one; nil where there is none.
    ///
    /// - Parameters:
    ///   - format: That of the answers, whose ids each model must read.
    ///   - context: The most tokens of a prompt with its answer, which each model must read; 0 where it is not known.
    ///   - base: The folder of the model that adapters are for; nil for the one that they name.
    func ensemble(_ format: TextFormat, context: Int = 0, base: URL? = nil) throws -> RewardEnsemble? {
        guard !rewardModel.isEmpty else { return nil }
        let members = try rewardModel.map { folder in
            var model = try format.rewardModel(contentsOf: existing(folder), context: context, base: base)
            model.body.precision = .float32
            return model
        }
        return RewardEnsemble(members, combining: combination.chosen)
    }

    /// The options with defaults filled in.
    var filled: RewardModelOptions {
        var filled = self
        if rewardModel.count > 1 {
            filled.combination.rewardCombination = combination.rewardCombination ?? .mean
        }
        return filled
    }
}

/// The combination of several models' rewards into one.
struct RewardCombinationOption: ParsableArguments, Encodable {
    @Option(
        help:
            "The combination of several models' rewards: mean, minimum, or lower-bound, the mean less one standard deviation; mean unless given."
    )
    var rewardCombination: Name?

    /// Refuses the option where there is nothing to combine.
    ///
    /// - Parameter option: The option that names the models.
    func check(models: Int, named option: String) throws {
        try refuse(
            "--reward-combination", if: rewardCombination != nil && models < 2, "it needs \(option) twice")
    }

    /// The combination that is named, or else the mean.
    var chosen: RewardEnsemble.Combination { (rewardCombination ?? .mean).combination }

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
}
