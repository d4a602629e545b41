import Formatting
import Foundation
import LanguageModel
import NeuralCore

extension Doctor {
    /// The result of a rule.
    enum Diagnosis {
        /// The step says nothing about it.
        case unknown
        /// The run does not have it, or no longer.
        case healthy
        /// The run has it: a sentence with the figures.
        case found(String)

        init(_ isFound: Bool, _ observation: @autoclosure () -> String) {
            self = isFound ? .found(observation()) : .healthy
        }
    }

    /// A rule for one finding.
    struct Rule: Sendable {
        let kind: DoctorFinding.Kind
        let severity: DoctorFinding.Severity
        let advice: String
        let diagnosis: @Sendable (Doctor, StepReport) -> Diagnosis
    }

    /// All rules.
    static let rules = ofEveryRun + ofPreferences + ofPolicies

    private static let ofEveryRun = [
        Rule(
            kind: .notFinite, severity: .serious,
            advice:
                "Lower the learning rate, compute in float32, and look at the batches of these steps; the model is as it was before them."
        ) { doctor, _ in
            Diagnosis(
                doctor.notFinite >= 3,
                "Loss or gradient was not finite in \(counted(doctor.notFinite, "step")) one after another.")
        },
        Rule(
            kind: .lossSpikes, severity: .warning,
            advice: "Halve the learning rate, warm up for longer, or clip the gradient to a smaller norm."
        ) { doctor, report in
            if report.refusal != nil { return .unknown }
            // It begins to clear when no jump is remembered any more.
            if doctor.spikes.count == 1 { return .unknown }
            return Diagnosis(
                doctor.spikes.count >= 2,
                "The loss jumped up \(counted(doctor.spikes.count, "time")) in \(counted(spikeMemory, "step")), last to \(short(report.loss)): the learning rate is too high."
            )
        },
        Rule(
            kind: .emptyMask, severity: .serious,
            advice:
                "See with `hone inspect` what is trained: the mask leaves out every token, or completions were cut off entirely. A student that equals its teacher has nothing to learn either."
        ) { _, report in
            // Of these other findings speak.
            let noSpread = report.metrics["frac_reward_zero_std"].map { $0 >= 1 } ?? false
            let isUnjudged = report.metrics["frac_unjudged"].map { $0 >= 1 } ?? false
            guard !noSpread, !isUnjudged else { return .healthy }
            if report.refusal == .nothingToLearn {
                return Diagnosis(true, "The batch had nothing to learn: no token counts in the loss.")
            }
            return Diagnosis(
                report.refusal == nil && report.gradientNorm == 0 && report.loss == 0,
                "The batch had nothing to learn: its loss and its gradient are zero.")
        },
    ]

    private static let ofPreferences = [
        Rule(
            kind: .startsAtLogTwo, severity: .expected,
            advice: "It falls from there; watch rewards/margins and rewards/accuracies."
        ) { _, report in
            guard report.step <= 1, report.metrics["rewards/margins"] != nil else { return .unknown }
            return Diagnosis(
                abs(report.loss - Float(log(2.0))) < 1e-3,
                "The loss begins at log 2 = 0.693, because the policy still is the reference.")
        },
        Rule(
            kind: .chosenFalls, severity: .warning,
            advice:
                "Answers may get worse though the loss falls: add a share of supervised loss, raise beta, or lower the learning rate."
        ) { doctor, report in
            guard report.metrics["logps/chosen"] != nil, let chosen = doctor.series["logps/chosen"],
                let margins = doctor.series["rewards/margins"], let before = chosen.start,
                let now = chosen.now,
                let marginBefore = margins.start, let marginNow = margins.now
            else { return .unknown }
            // Answers differ in length from batch to batch, and their log-probabilities with it; what the reference
            // finds of the same answers is taken away in the reward.
            let noise = chosen.startError + chosen.levelError
            if let rewards = doctor.series["rewards/chosen"], let start = rewards.start, let now = rewards.now
            {
                let fall = start - now
                guard fall > 2 * (rewards.startError + rewards.levelError),
                    fall > 0.5 * (marginNow - marginBefore)
                else { return .healthy }
            }
            return Diagnosis(
                now < before - max(1, 0.05 * abs(before), 3 * noise) && marginNow > marginBefore,
                "The log-probability of preferred answers fell from \(short(before)) to \(short(now)) while the margin grew from \(short(marginBefore)) to \(short(marginNow))."
            )
        },
    ]

    private static let ofPolicies = [
        Rule(
            kind: .lossNearZero, severity: .expected,
            advice: "It does not measure progress; watch the reward."
        ) { doctor, report in
            guard report.metrics["reward"] != nil, report.metrics["frac_reward_zero_std"] != nil else {
                return .unknown
            }
            // Told once: whether it stays near zero says nothing.
            if doctor.current.contains(.lossNearZero) { return .unknown }
            return Diagnosis(
                abs(report.loss) < 0.01 && report.gradientNorm > 0,
                "The loss is near 0 because the advantages of a group cancel out; its gradient does not.")
        },
        Rule(
            kind: .negativeDivergence, severity: .serious,
            advice:
                "Sampling and training disagree about probabilities: sample at temperature 1 without cutting off, mask what comes after the end, and see that the reference is the model the policy began as."
        ) { doctor, report in
            guard let (name, value) = doctor.level(of: ["objective/kl", "kl"], in: report) else {
                return .unknown
            }
            // An estimate from samples scatters around zero while the policy is near the reference.
            let noise = 4 * (doctor.series[name]?.levelError ?? 0)
            return Diagnosis(
                value < min(-0.05, -noise),
                "The divergence from the reference (\(name)) is \(short(value)), below 0.")
        },
        Rule(
            kind: .entropyCollapse, severity: .serious,
            advice:
                "The policy has stopped exploring: raise the divergence penalty or an entropy bonus, raise the temperature, or lower the learning rate."
        ) { doctor, report in
            guard report.isOfPolicy,
                let name = ["policy/entropy_avg", "entropy"].first(where: { report.metrics[$0] != nil }),
                let entropies = doctor.series[name], let before = entropies.start, let now = entropies.now
            else { return .unknown }
            return Diagnosis(
                now < 0.1 * before || (now < 0.05 && before > 0.2),
                "The entropy fell from \(short(before)) to \(short(now)) nats.")
        },
        Rule(
            kind: .ratioExplosion, severity: .serious,
            advice:
                "Learn less from each rollout: fewer epochs, a lower learning rate or a smaller clipping range, and stop early on divergence."
        ) { _, report in
            let metrics = report.metrics
            let ratio = metrics["val/ratio"] ?? 1
            let variance = metrics["val/ratio_var"] ?? 0
            let clipped = metrics["policy/clipfrac_avg"] ?? metrics["clip_ratio/region_mean"] ?? 0
            guard report.isOfPolicy else { return .unknown }
            if !(0.5...2 ~= ratio) || variance > 1 {
                return .found(
                    "The ratio of the policy to the one that sampled is \(short(ratio)), with a variance of \(short(variance))."
                )
            }
            return Diagnosis(
                clipped > 0.5, "The ratio is clipped for \(short(100 * clipped)) % of the tokens.")
        },
        Rule(
            kind: .noReward, severity: .serious,
            advice:
                "Nothing is learned from such answers: see that the reward reads keys that the records have, and gives numbers."
        ) { _, report in
            guard report.isOfPolicy else { return .unknown }
            return Diagnosis(
                (report.metrics["frac_unjudged"] ?? 0) >= 1, "No reward had an opinion on any answer.")
        },
        Rule(
            kind: .noRewardSpread, severity: .warning,
            advice:
                "Such groups teach nothing: choose prompts that are neither too easy nor too hard, sample more answers for each, or give partial rewards."
        ) { doctor, report in
            if doctor.withoutSpread >= 3 {
                return .found(
                    "All answers to a prompt had the same reward, in each of \(counted(doctor.withoutSpread, "step")) one after another: nothing was learned."
                )
            }
            if report.metrics["reward_std"] == 0, doctor.series["reward_std"]?.constant == 0,
                let reward = doctor.series["reward"]?.constant, report.metrics["frac_unjudged"] ?? 0 < 1
            {
                return .found("All answers of the last steps had the same reward, \(short(reward)).")
            }
            guard let (_, share) = doctor.level(of: ["frac_reward_zero_std"], in: report) else {
                return report.isOfPolicy ? .healthy : .unknown
            }
            return Diagnosis(
                share >= 0.8, "In \(short(100 * share)) % of the groups all answers have the same reward.")
        },
        Rule(
            kind: .lengthHacking, severity: .warning,
            advice:
                "Read some answers: if they only get longer, penalize length or use a reward that is even-handed about it (see the reward card)."
        ) { doctor, report in
            guard
                let name = ["reward", "objective/scores"].first(where: { report.metrics[$0] != nil }),
                let rewards = doctor.series[name], let lengths = doctor.series["completions/mean_length"],
                let correlation = MetricSeries.correlation(rewards, lengths), let before = lengths.start,
                let now = lengths.now, let rewardBefore = rewards.start, let rewardNow = rewards.now
            else { return .unknown }
            return Diagnosis(
                correlation > 0.8 && now > 1.5 * before && rewardNow > rewardBefore,
                "The reward rises with the length of answers, from \(short(before)) to \(short(now)) tokens (correlation \(short(correlation)))."
            )
        },
        Rule(
            kind: .cutOff, severity: .warning,
            advice: "Allow more tokens, reward ending, or see that the model has learned to end its turns."
        ) { doctor, report in
            guard let (_, share) = doctor.level(of: ["completions/clipped_ratio"], in: report) else {
                return .unknown
            }
            return Diagnosis(
                share > 0.9, "\(short(100 * share)) % of the answers are cut off before they end.")
        },
    ]

    /// The first of these figures that a step reports, with its recent mean.
    private func level(of names: [String], in report: StepReport) -> (name: String, value: Float)? {
        for name in names where report.metrics[name] != nil {
            return series[name]?.level.map { (name, $0) }
        }
        return nil
    }
}

extension StepReport {
    /// True for a step of policy optimization.
    fileprivate var isOfPolicy: Bool {
        ["reward", "objective/scores", "frac_unjudged"].contains { metrics[$0] != nil }
    }
}

/// Three digits after the point.
private func short(_ value: Float) -> String { general(Double(value), 3) }
