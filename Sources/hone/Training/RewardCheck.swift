import Alignment

/// Which records have what programs judge by; this does not depend on the answers.
struct RewardCheck {
    private let rewards: [RolloutOptions.RewardName]
    private var judging: Set<RolloutOptions.RewardName> = []
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
        judging.formUnion(names)
        columns.formUnion(record.columns.keys)
        count += 1
        if names.isEmpty { unjudged += 1 }
    }

    /// Refuses a program that has no opinion on the answers to any of the records.
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

    /// What a record lacks that nothing judges.
    var needs: String {
        rewards.map { "--reward \($0.rawValue) needs \($0.columns)" }.joined(separator: ", ")
    }
}
