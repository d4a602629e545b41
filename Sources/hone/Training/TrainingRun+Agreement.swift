import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// What the ranks of a run must have in common, which is seen to before the first step.
extension TrainingRun {
    /// Makes sure that all ranks have the same build, the same kind of processor, options and inputs, and that each has a part
    /// of a step to compute.
    func agree() throws {
        let ranks = context.communicator.size
        guard ranks > 1 else { return }
        guard sharing.parts >= ranks else {
            throw TrainingRunError.unsupported(
                "--accumulation \(sharing.parts): a step of that many parts cannot be shared out among \(ranks) ranks; "
                    + "give \(ranks) or a multiple of it, or start fewer ranks")
        }
        if sharing.parts % ranks != 0 {
            note(
                "a step has \(sharing.parts) parts, of which some of \(ranks) ranks compute more than others")
        }
        var build = Fingerprint()
        build.add("hone \(Hone.version)".utf8)
        if let binary = try? Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped) {
            binary.withUnsafeBytes { build.add(bulk: $0) }
        }
        let own = [build.text, description.processor].map { Array($0.utf8) } + [Array(description.data)]
        let all = own.map(context.communicator.gathered)
        for rank in 1..<ranks {
            guard all[0][rank] == all[0][0] else {
                throw RankError(rank, "runs another build of hone")
            }
            let processors = [rank, 0].map { String(decoding: all[1][$0], as: UTF8.self) }
            guard processors[0] == processors[1] else {
                throw RankError(
                    rank,
                    "computes on \(processors[0]), rank 0 on \(processors[1]), which differ in the last bits")
            }
            let runs = try [rank, 0].map { try RunDescription(Data(all[2][$0])) }
            switch runs[0].difference(from: runs[1]) {
            case .option(let name, let found, let expected):
                throw RankError(rank, "was started with \(name) \(found), rank 0 with \(expected)")
            case .contents(let input, let found, let expected):
                throw RankError(
                    rank, "has other contents than rank 0: \(input) (fingerprint \(found), there \(expected))"
                )
            case nil: break
            }
        }
    }

    /// Makes sure that all ranks begin at the same step with the same parameters.
    func agree(on state: State) throws {
        let ranks = context.communicator.size
        guard ranks > 1 else { return }
        var fingerprint = Fingerprint()
        for (name, value) in state.method.training.model.parameters {
            fingerprint.add(name.utf8)
            value.withUnsafeBuffer { fingerprint.add(bulk: UnsafeRawBufferPointer($0)) }
        }
        let step = state.method.stepsDone
        let all = context.communicator.gathered(Array("\(step) \(fingerprint.text)".utf8))
            .map { String(decoding: $0, as: UTF8.self) }
        for rank in 1..<ranks where all[rank] != all[0] {
            let steps = [all[rank], all[0]].map { $0.prefix { $0 != " " } }
            throw RankError(
                rank,
                steps[0] == steps[1]
                    ? "has other weights than rank 0 at step \(steps[0])"
                    : "goes on from step \(steps[0]), rank 0 from step \(steps[1]); "
                        + "all of them read \(options.output), which must be one folder")
        }
    }
}

/// A rank that does not fit to the first.
struct RankError: CommandError, CustomStringConvertible {
    let rank: Int
    let difference: String

    init(_ rank: Int, _ difference: String) { (self.rank, self.difference) = (rank, difference) }

    var outcome: Outcome { .usage }
    var description: String {
        "rank \(rank) \(difference); the ranks of a run need the same build, options, data and kind of processor"
    }
}
