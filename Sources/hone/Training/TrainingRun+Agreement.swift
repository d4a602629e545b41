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
        if let other = context.communicator.firstDifference(build.text) {
            throw RankError(other.rank, "runs another build of hone")
        }
        if let other = context.communicator.firstDifference(description.processor) {
            throw RankError(
                other.rank,
                "computes on \(other.found), rank 0 on \(other.expected), which differ in the last bits")
        }
        let runs = try context.communicator.gathered(Array(description.data)).map {
            try RunDescription(Data($0))
        }
        for rank in 1..<ranks {
            switch runs[rank].difference(from: runs[0]) {
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
        guard context.communicator.size > 1 else { return }
        var fingerprint = Fingerprint()
        for (name, value) in state.method.training.model.parameters {
            fingerprint.add(name.utf8)
            value.withUnsafeBuffer { fingerprint.add(bulk: UnsafeRawBufferPointer($0)) }
        }
        if let other = context.communicator.firstDifference("\(state.method.stepsDone)") {
            throw RankError(
                other.rank,
                "goes on from step \(other.found), rank 0 from step \(other.expected); "
                    + "all of them read \(options.output), which must be one folder")
        }
        if let other = context.communicator.firstDifference(fingerprint.text) {
            throw RankError(
                other.rank, "has other weights than rank 0 at step \(state.method.stepsDone)")
        }
    }
}
