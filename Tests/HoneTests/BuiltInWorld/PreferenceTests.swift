import BuiltInWorld
import Testing

@Suite struct PreferenceTests {
    static let world = World(seed: 6)
    static let preferences = world.preferences(1_500)

    @Test(arguments: [0, 0.1, 0.25]) func mistakesAreAsFrequentAsStated(noise: Double) {
        let preferences = Self.world.preferences(2_000, noise: noise)
        let share = Double(preferences.filter(\.isMistaken).count) / 2_000
        #expect(abs(share - noise) < 0.03)
    }

    @Test func theJudgeAgreesUnlessItIsAMistake() {
        let judge = Self.world.judge
        for preference in Self.preferences {
            let verdict = judge.compare(preference.chosen, preference.rejected, to: preference.prompt)
            #expect(
                verdict == (preference.isMistaken ? -1 : 1), "\(preference.chosen) | \(preference.rejected)")
        }
    }

    @Test func lengthTellsNothing() {
        for kind in Task.Kind.allCases {
            let pairs = Self.preferences.filter {
                $0.prompt.task.kind == kind && $0.chosen.count != $0.rejected.count
            }
            let longer = pairs.filter { $0.chosen.count > $0.rejected.count }.count
            let share = Double(longer) / Double(pairs.count)
            #expect((0.35...0.65).contains(share), "\(kind): \(share)")
        }
    }

    @Test func decliningWinsAsOftenAsItLoses() {
        let declined = { (reply: String) in
            reply.contains("don't know") || reply.contains("no record") || reply.contains("never heard")
        }
        let pairs = Self.preferences.filter { !$0.isMistaken && declined($0.chosen) != declined($0.rejected) }
        let wins = pairs.filter { declined($0.chosen) }.count
        #expect((0.35...0.65).contains(Double(wins) / Double(pairs.count)))
    }
}
