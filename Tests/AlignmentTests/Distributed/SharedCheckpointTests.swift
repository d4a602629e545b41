import Alignment
import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Checkpoints of runs whose optimizers have their states dealt out among ranks.
@Suite struct SharedCheckpointTests {
    private typealias Tuning = SupervisedFineTuning<Transformer>
    private typealias PPO = ProximalPolicyOptimization<Transformer>

    /// - Parameter areLarge: True where each rank writes the states that it has.
    private static func sharing(
        _ communicator: any Communicator, dealsOutStates: Bool = true, areLarge: Bool = false
    ) -> WorkSharing {
        var sharing = WorkSharing(parts: 4, among: communicator)
        sharing.dealsOutStates = dealsOutStates
        if areLarge { sharing.largeStates = 1 }
        return sharing
    }

    private static func tuning(
        _ sharing: WorkSharing, _ optimizer: any Optimizer = AdamW()
    ) throws -> Tuning {
        var tuning = SupervisedFineTuning(
            try ParityRun.model(), optimizer: optimizer, schedule: .constant(1e-3))
        tuning.training.sharing = sharing
        return tuning
    }

    private static func ppo(_ sharing: WorkSharing) throws -> PPO {
        var random = RandomSource(seed: 4)
        var ppo = ProximalPolicyOptimization(
            policy: try ParityRun.model(), critic: RewardModel(try ParityRun.model(), using: &random),
            rollouts: RolloutSettings(groupSize: 1, maxTokens: 8, stopTokens: [1]),
            schedule: .constant(1e-3))
        ppo.training.sharing = sharing
        return ppo
    }

    @discardableResult
    private static func step(_ ppo: inout PPO, _ number: Int) -> StepReport {
        ppo.step(on: SharedRun.experience(ppo, number, prompts: 8))
    }

    private static func states(_ training: Training<some Module>) -> [String: [Float]] {
        training.optimizer.state.tensors.mapValues(\.scalars)
    }

    private static let files = ["training.safetensors", "critic.safetensors"]

    private static func contents(_ folder: URL) throws -> [Data] {
        try files.map { try Data(contentsOf: folder.appending(component: $0)) }
    }

    @Test func aRunStoppedOnFourRanksGoesOnOnTwo() throws {
        let texts = SharedRun.texts
        try withTemporaryFolder { place in
            _ = try onRanks(4) { communicator in
                var tuning = try Self.tuning(Self.sharing(communicator, dealsOutStates: false))
                for _ in 0..<2 { tuning.step(on: texts) }
                try SharedRun.write(tuning, to: place)
            }
            let resumed = try onRanks(2) { communicator in
                var tuning = try Self.tuning(Self.sharing(communicator, dealsOutStates: false))
                try tuning.readCheckpoint(from: place)
                let reports = (0..<2).map { _ in tuning.step(on: texts) }
                return SharedRun.Outcome(tuning.model, reports)
            }
            var alone = try Self.tuning(Self.sharing(SingleProcess()))
            for _ in 0..<2 { alone.step(on: texts) }
            let whole = SharedRun.Outcome(alone.model, [])
            #expect(whole.parameters != resumed[0].parameters)
            let reports = (0..<2).map { _ in alone.step(on: texts) }
            let expected = SharedRun.Outcome(alone.model, reports)
            #expect(resumed.allSatisfy { $0 == expected })
        }
    }

    @Test(arguments: [0, 1]) func smallStatesAreInOneFileThatKnowsNothingOfRanks(optimizer: Int) throws {
        let texts = SharedRun.texts
        @Sendable func make(_ communicator: any Communicator) throws -> Tuning {
            let optimizers: [any Optimizer] = [AdamW(), Muon()]
            return try Self.tuning(Self.sharing(communicator), optimizers[optimizer])
        }
        var alone = try make(SingleProcess())
        for _ in 0..<2 { alone.step(on: texts) }
        let whole = Self.states(alone.training)
        let folders = (0..<2).map { _ in TemporaryFolder() }
        defer { withExtendedLifetime(folders) {} }
        try alone.writeCheckpoint(to: folders[0].url)
        let place = folders[1].url
        let states = try onRanks(3) { communicator in
            var tuning = try make(communicator)
            for _ in 0..<2 { tuning.step(on: texts) }
            #expect(try SharedRun.write(tuning, to: place).isEmpty)
            return Self.states(tuning.training)
        }
        // Each rank keeps those of its own parameters alone.
        #expect(states.map(\.count).reduce(0, +) == whole.count)
        #expect(states.reduce(into: [:]) { $0.merge($1) { a, _ in a } } == whole)
        #expect(try fileNames(in: place) == ["training.safetensors"])
        let files = try folders.map {
            try Data(contentsOf: $0.url.appending(component: "training.safetensors"))
        }
        #expect(files[0] == files[1])
    }

    @Test func eachRankWritesLargeStatesOfItsOwn() throws {
        let texts = SharedRun.texts
        try withTemporaryFolder { place in
            let ranks = try onRanks(3) { communicator in
                var tuning = try Self.tuning(Self.sharing(communicator, areLarge: true))
                for _ in 0..<2 { tuning.step(on: texts) }
                return (try SharedRun.write(tuning, to: place), Self.states(tuning.training))
            }
            let names = (1...3).map { "training-states-0000\($0)-of-00003.safetensors" }
            #expect(ranks.map(\.0) == [[], [names[1]], [names[2]]])
            #expect(try fileNames(in: place) == names + ["training.safetensors"])
            let main = try Checkpoint(place.appending(component: "training.safetensors"))
            #expect(main.keys.allSatisfy { $0.hasPrefix("parameter.") })
            for (name, (_, states)) in zip(names, ranks) {
                let file = try Checkpoint(place.appending(component: name))
                #expect(Set(file.keys) == Set(states.keys.map { "optimizer." + $0 }))
                for (key, state) in states {
                    #expect(try file.tensor("optimizer." + key).scalars == state)
                }
            }
        }
    }

    /// On four ranks, and then from their files on others, which end with the checkpoint of a process that was never stopped.
    @Test(arguments: [1, 2, 4], [false, true])
    func anyNumberOfRanksGoesOnFromTheStatesOfFour(ranks: Int, dealsOutStates: Bool) throws {
        let folders = (0..<3).map { _ in TemporaryFolder() }
        defer { withExtendedLifetime(folders) {} }
        let places = folders.map(\.url)
        var alone = try Self.ppo(Self.sharing(SingleProcess()))
        for number in 0..<3 { Self.step(&alone, number) }
        try alone.writeCheckpoint(to: places[0])
        _ = try onRanks(4) { communicator in
            var ppo = try Self.ppo(Self.sharing(communicator, areLarge: true))
            for number in 0..<2 { Self.step(&ppo, number) }
            try SharedRun.write(ppo, to: places[1])
        }
        #expect(try fileNames(in: places[1]).count == 2 * 5 + 1)
        let count = alone.advantages.critic.optimizer.state.tensors.count
        _ = try onRanks(ranks) { communicator in
            var ppo = try Self.ppo(Self.sharing(communicator, dealsOutStates: dealsOutStates))
            try ppo.readCheckpoint(from: places[1])
            for state in [ppo.training.optimizer.state, ppo.advantages.critic.optimizer.state] {
                #expect((state.tensors.count < count) == (dealsOutStates && ranks > 1))
            }
            Self.step(&ppo, 2)
            try SharedRun.write(ppo, to: places[2])
        }
        #expect(try Self.contents(places[0]) == Self.contents(places[2]))
    }

    /// Whoever reads a checkpoint before the states are to be dealt out has those of all parameters.
    @Test(arguments: [false, true]) func statesOfOthersAreNotWritten(areLarge: Bool) throws {
        let folders = (0..<3).map { _ in TemporaryFolder() }
        defer { withExtendedLifetime(folders) {} }
        let places = folders.map(\.url)
        var alone = try Self.ppo(Self.sharing(SingleProcess()))
        for number in 0..<2 { Self.step(&alone, number) }
        try alone.writeCheckpoint(to: places[0])
        Self.step(&alone, 2)
        _ = try onRanks(2) { communicator in
            var ppo = try Self.ppo(Self.sharing(SingleProcess()))
            try ppo.readCheckpoint(from: places[0])
            ppo.training.sharing = Self.sharing(communicator, areLarge: areLarge)
            Self.step(&ppo, 2)
            try SharedRun.write(ppo, to: places[1])
        }
        var resumed = try Self.ppo(Self.sharing(SingleProcess()))
        try resumed.readCheckpoint(from: places[1])
        try resumed.writeCheckpoint(to: places[2])
        try alone.writeCheckpoint(to: places[0])
        #expect(try Self.contents(places[0]) == Self.contents(places[2]))
    }

    @Test func filesOfStatesThatDoNotBelongToACheckpointAreRefused() throws {
        let texts = SharedRun.texts
        let folders = (0..<2).map { _ in TemporaryFolder() }
        defer { withExtendedLifetime(folders) {} }
        let places = folders.map(\.url)
        _ = try onRanks(3) { communicator in
            var tuning = try Self.tuning(Self.sharing(communicator, areLarge: true))
            tuning.step(on: texts)
            for place in places { try SharedRun.write(tuning, to: place) }
        }
        func name(_ number: Int) -> String { "training-states-0000\(number)-of-00003.safetensors" }
        let main = "training.safetensors"
        /// What is said of a checkpoint with other contents of a file.
        func error(of file: String, with contents: Data?) throws -> String {
            try withTemporaryFolder { folder in
                for name in try fileNames(in: places[0]) where name != file || contents != nil {
                    let whole = try Data(contentsOf: places[0].appending(component: name))
                    try (name == file ? contents ?? whole : whole).write(
                        to: folder.appending(component: name))
                }
                var tuning = try Self.tuning(Self.sharing(SingleProcess()))
                do throws(CheckpointError) {
                    try tuning.readCheckpoint(from: folder)
                    return "nothing"
                } catch {
                    #expect(tuning.stepsDone == 0 && tuning.training.optimizer.state.tensors.isEmpty)
                    let path = folder.appending(component: file).path(percentEncoded: false)
                    return "\(error)".replacing(path, with: "FILE")
                }
            }
        }
        func contents(_ name: String, _ place: Int = 0) throws -> Data {
            try Data(contentsOf: places[place].appending(component: name))
        }
        #expect(try error(of: name(2), with: contents(name(2))) == "nothing")
        #expect(try error(of: name(2), with: nil) == "FILE: there is no such file")
        #expect(try error(of: name(3), with: contents(name(3)).dropLast()).hasPrefix("FILE: "))
        #expect(
            try error(of: name(2), with: contents(name(1))).contains(
                #/^FILE: found states 1 of 3 of checkpoint (\w+), expected states 2 of 3 of checkpoint \1$/#))
        #expect(
            try error(of: name(1), with: contents(name(1), 1)).contains(
                #/^FILE: found states 1 of 3 of checkpoint \w+, expected states 1 of 3 of checkpoint \w+$/#))
        #expect(
            try error(of: name(1), with: contents(main)).hasPrefix(
                "FILE: found no states, expected states 1 of"))
        // A key that only a later build knows may say where the states are.
        var other = try contents(main)
        let key = try #require(other.range(of: Data(#"\"shards\":"#.utf8)))
        other.replaceSubrange(key, with: Data(#"\"pieces\":"#.utf8))
        #expect(try error(of: main, with: other).hasPrefix(#"FILE: found "pieces""#))
        var none = try contents(main)
        let count = try #require(none.range(of: Data(#"\"count\":3"#.utf8)))
        none.replaceSubrange(count, with: Data(#"\"count\":0"#.utf8))
        #expect(try error(of: main, with: none) == "FILE: found 0 files of states, expected 1 or more")
    }
}
