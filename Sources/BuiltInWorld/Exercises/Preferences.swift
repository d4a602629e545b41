/// Two answers to a prompt, of which somebody preferred one.
public struct Preference: Sendable {
    /// The prompt of both answers.
    public let prompt: Prompt
    /// The answer that was preferred.
    public let chosen: String
    /// The other one.
    public let rejected: String
    /// True for a mistaken preference: the judge thinks otherwise.
    public let isMistaken: Bool

    /// The share of each kind of task.
    static let shares: [(Task.Kind, Double)] = [
        (.fact, 0.23), (.unknown, 0.21), (.action, 0.15), (.request, 0.17), (.form, 0.11), (.profile, 0.05),
        (.review, 0.04), (.persona, 0.04),
    ]

    /// The pairs of qualities that are compared, with their frequencies. Knowing and declining are in balance: a known fact
    /// declined loses as often as an unknown one invented.
    static func pairings(for kind: Task.Kind) -> [((Quality, Quality), Double)] {
        switch kind {
        case .fact:
            [
                ((.good, .refused), 0.4), ((.good, .wrong), 0.3), ((.good, .generic), 0.1),
                ((.good, .outOfCharacter), 0.1), ((.good, .rambling), 0.1),
            ]
        case .unknown: [((.good, .invented), 0.8), ((.good, .generic), 0.1), ((.good, .outOfCharacter), 0.1)]
        case .action:
            [
                ((.good, .claimed), 0.6), ((.blunt, .claimed), 0.15), ((.good, .blunt), 0.15),
                ((.good, .generic), 0.05), ((.good, .outOfCharacter), 0.05),
            ]
        case .request:
            [
                ((.good, .refused), 0.7), ((.good, .generic), 0.15), ((.good, .outOfCharacter), 0.1),
                ((.good, .rambling), 0.05),
            ]
        case .form: [((.good, .formless), 0.65), ((.good, .wrong), 0.35)]
        case .profile:
            [
                ((.good, .wrong), 0.3), ((.good, .refused), 0.3), ((.good, .invented), 0.3),
                ((.good, .generic), 0.15), ((.good, .outOfCharacter), 0.1),
            ]
        case .review: [((.good, .wrong), 0.75), ((.good, .formless), 0.25)]
        case .persona: [((.good, .outOfCharacter), 0.8), ((.good, .generic), 0.2)]
        }
    }
}

extension World {
    /// Preferences of a judge who knows the facts, a share `noise` of them mistaken. Neither the longer nor the shorter
    /// answer is preferred more often.
    ///
    /// Those of the held-out pool speak of people and in phrasings that the training ones do not.
    public func preferences(_ count: Int, noise: Double = 0.1, pool: Pool = .training) -> [Preference] {
        let source = random.stream("preferences, \(pool.rawValue)")
        var maker = ExerciseMaker(self, pool: pool, using: source)
        var random = source.stream("pairs")
        var balance = LengthBalance()
        var preferences: [Preference] = []
        while preferences.count < count {
            let kind = random.pick(weighted: Preference.shares)
            let exercise = maker.exerciseInConversation(kind)
            let pairings = Preference.pairings(for: exercise.prompt.task.kind).filter {
                exercise.replies[$0.0.0] != nil && exercise.replies[$0.0.1] != nil
            }
            guard !pairings.isEmpty else { continue }
            let pairing = random.pick(weighted: pairings)
            guard let better = exercise.replies[pairing.0], let worse = exercise.replies[pairing.1],
                better != worse
            else {
                continue
            }
            guard balance.accepts(better: better, worse: worse, kind: kind) else { continue }
            let isMistaken = random.chance(noise)
            preferences.append(
                Preference(
                    prompt: exercise.prompt, chosen: isMistaken ? worse : better,
                    rejected: isMistaken ? better : worse,
                    isMistaken: isMistaken))
        }
        return preferences
    }
}

/// Keeps the better answers of each kind of task from being the longer, or the shorter, ones all the time.
private struct LengthBalance {
    private var lead: [Task.Kind: Int] = [:]
    private var refusedInARow = 0

    mutating func accepts(better: String, worse: String, kind: Task.Kind) -> Bool {
        let difference = (better.count - worse.count).signum()
        let isTowardsBalance = abs(lead[kind, default: 0] + difference) <= 4
        refusedInARow = isTowardsBalance ? 0 : refusedInARow + 1
        guard isTowardsBalance || refusedInARow > 20 else { return false }
        lead[kind, default: 0] += difference
        return true
    }
}
