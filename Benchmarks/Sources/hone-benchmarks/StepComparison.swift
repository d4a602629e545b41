import ArgumentParser
import Foundation

/// A step of ours and the same of a peer.
struct StepComparison {
    let name: String
    /// Arguments of this program.
    let ours: [String]
    let peer: Peer

    /// What a peer's script is asked for. TRL's is changed where ours has other data.
    enum Peer {
        case torch(model: String, batch: Int, length: Int)
        case trl(_ method: String, changes: [(old: String, new: String)] = [])
    }

    private static func training(_ name: String, _ model: String, _ batch: Int, _ length: Int)
        -> StepComparison
    {
        StepComparison(
            name: name, ours: ["training", "--model", model, "--batch", "\(batch)", "--length", "\(length)"],
            peer: .torch(model: model, batch: batch, length: length))
    }

    /// Conversations of 32 to 256 tokens of which a third are the prompt, as ours are, in place of full windows.
    private static let ragged = [
        (
            old: "'text':piece(i,300)",
            new: "'prompt':piece(2*i,((32+i%16*224//15)//3)),'completion':piece(2*i+1,(32+i%16*224//15)*2//3)"
        ), (old: "tokstep=16*256", new: "tokstep=16*144"),
    ]
    private static let longPrompt = [
        (old: "piece(3*i,64)", new: "piece(3*i,192)"), (old: ",230)", new: ",78)"),
    ]
    private static let precomputed = [
        (old: "trl.DPOConfig(", new: "trl.DPOConfig(precompute_ref_log_probs=True,")
    ]
    private static let ours192 = ["alignment", "dpo", "--prompt", "192", "--completion", "64"]

    static let all = [
        training("training 13.8 M, 16 × 256", "llama", 16, 256),
        training("training GPT-2 124 M, 4 × 64", "gpt2", 4, 64),
        training("training GPT-2 124 M, 1 × 1,024", "gpt2", 1, 1024),
        StepComparison(name: "SFT, ragged", ours: ["alignment", "sft"], peer: .trl("sft", changes: ragged)),
        StepComparison(name: "DPO, 64 + 192", ours: ["alignment", "dpo"], peer: .trl("dpo")),
        StepComparison(name: "DPO, 192 + 64", ours: ours192, peer: .trl("dpo", changes: longPrompt)),
        StepComparison(
            name: "DPO, 192 + 64, reference precomputed", ours: ours192 + ["--precomputed"],
            peer: .trl("dpo", changes: longPrompt + precomputed)),
        StepComparison(name: "GRPO, 8 × 4 × 64", ours: ["alignment", "grpo"], peer: .trl("grpo")),
    ]
}

extension StepComparison.Peer {
    /// What Python is given; writes the changed script, if there is one, to `output`.
    func arguments(scripts: String, output: String, precision: String, threads: Int, compiles: Bool) throws
        -> [String]
    {
        switch self {
        case .torch(let model, let batch, let length):
            let script = try Self.script(
                "train_torch", in: scripts,
                changes: [(old: "lr=3e-4", new: "lr=\(TrainingStep.learningRate)")],
                output: output)
            return [
                script, model, "\(batch)", "\(length)", precision, compiles ? "compile" : "eager",
                "\(threads)",
                "4",
            ]
        case .trl(let method, let changes):
            return [
                try Self.script("trl_bench", in: scripts, changes: changes, output: output), method,
                precision, "5",
            ]
        }
    }

    /// The path of a script, or of a copy in `output` with some text replaced.
    private static func script(
        _ name: String, in folder: String, changes: [(old: String, new: String)], output: String
    ) throws -> String {
        let path = "\(folder)/\(name).py"
        guard !changes.isEmpty else { return path }
        var text = try String(contentsOfFile: path, encoding: .utf8)
        for change in changes {
            guard text.contains(change.old) else { throw ValidationError("\(path) has no \(change.old)") }
            text = text.replacingOccurrences(of: change.old, with: change.new)
        }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        let changed = "\(output)/\(name)_changed.py"
        try text.write(toFile: changed, atomically: true, encoding: .utf8)
        return changed
    }
}
