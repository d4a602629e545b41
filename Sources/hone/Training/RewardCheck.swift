import Alignment
import Behavior

/// Which records have what programs judge by; this does not depend on the answers.
struct RewardCheck {
    private let rewards: [RolloutOptions.RewardName]
    private var judging: Set<RolloutOptions.RewardName> = []
    /// The first fault of what each judges by.
    private var problems: [RolloutOptions.RewardName: BehaviorSuiteError.Problem] = [:]
    /// The keys of the records beside their prompts.
    private var columns: Set<String> = []
    /// The number of records.
    private(set) var count = 0
    /// The number of those that no program judges.
    private(set) var unjudged = 0

    init(_ rewards: [RolloutOptions.RewardName]) { self.rewards = rewards }

    /// Takes note of a record.
    mutating func add(_ record: PromptRecord) {
        let names = rewards.filter { $0.judges(record) }
        judging.formUnion(names.filter { $0.knows(record) })
        for name in rewards where problems[name] == nil { problems[name] = name.problem(of: record) }
        columns.formUnion(record.columns.keys)
        count += 1
        if names.isEmpty { unjudged += 1 }
    }

    /// Refuses a program that knows of no good answer to any of the records.
    ///
    /// - Parameters:
    ///   - file: Where they come from.
    ///   - purpose: What they are for, as in "nothing to train on".
    func requireUse(of file: String, to purpose: String = "train on") throws(TrainingRunError) {
        guard let name = rewards.first(where: { !judging.contains($0) }) else { return }
        let found = columns.isEmpty ? "nothing" : columns.sorted().joined(separator: ", ")
        throw .noExamples(
            file: file,
            reason: "--reward \(name.rawValue) needs records with \(name.columns); "
                + "beside the prompt they have \(found)", purpose: purpose)
    }

    /// Whether a record has what a program judges by, but not as it should be.
    var hasProblem: Bool { !problems.isEmpty }

    /// What a record lacks that nothing judges, or what is wrong with it.
    var needs: String {
        guard !hasProblem else {
            return rewards.compactMap { name in problems[name].map { "--reward \(name.rawValue): \($0)" } }
                .joined(separator: ", ")
        }
        return rewards.map { "--reward \($0.rawValue) needs \($0.columns)" }.joined(separator: ", ")
    }
}
