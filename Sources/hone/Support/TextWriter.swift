import Foundation
import LanguageModel

/// Writes texts in the order of their sequences: the first that is not finished as it grows, the others when their
/// turn comes.
final class TextWriter {
    private struct Line: Encodable {
        struct Alternative: Encodable {
            var id: Int32
            var log_probability: Float
            var text: String
        }

        var prompt: String
        var sample: Int
        var text: String
        var ids: [Int32]
        var log_probabilities: [Float]
        var alternatives: [[Alternative]]?
        var ending: String?
        var reward: Float?
    }

    private let prompts: [String]
    private var samples: Int
    private let first: Int
    private let asJSON: Bool
    private let isOnlyText: Bool
    /// Whether nothing is written until the best text of each prompt is known.
    private var awaitsRewards: Bool
    private let tokenizer: BytePairTokenizer

    private var lines: [Line]
    /// The sequence that is being written, and how much of its text has been.
    private var current = 0
    private var isHeaded = false
    private var pending: [String]

    init(
        prompts: [String], samples: Int, first: Int, asJSON: Bool, isOnlyText: Bool, isJudged: Bool,
        _ tokenizer: BytePairTokenizer
    ) {
        self.prompts = prompts
        self.samples = samples
        self.first = first
        self.asJSON = asJSON
        self.isOnlyText = isOnlyText
        awaitsRewards = isJudged
        self.tokenizer = tokenizer
        lines = (0..<prompts.count * samples).map { index in
            Line(
                prompt: prompts[index / samples], sample: index % samples, text: "", ids: [],
                log_probabilities: [])
        }
        pending = lines.map { _ in "" }
    }

    func add(_ piece: GeneratedPiece) throws {
        let index = piece.sequence
        pending[index] += piece.text
        lines[index].ending = piece.ending?.rawValue
        if asJSON {
            lines[index].text += piece.text
            lines[index].ids += piece.tokens.map(\.token)
            lines[index].log_probabilities += piece.tokens.map(\.logProbability)
            let alternatives = piece.tokens.map { $0.alternatives.map(alternative) }
            if alternatives.contains(where: { !$0.isEmpty }) {
                lines[index].alternatives = (lines[index].alternatives ?? []) + alternatives
            }
        }
        try write()
    }

    /// Writes the remaining texts; one for which nothing came is empty.
    ///
    /// - Parameter rewards: That of each text, where only the best of each prompt is wanted.
    func finish(rewards: [Float]?) throws {
        for index in lines.indices where lines[index].ending == nil { lines[index].ending = "length" }
        if let rewards { keepBest(rewards) }
        awaitsRewards = false
        try write()
    }

    /// Keeps the text with the greatest reward of each prompt, the first of equals.
    private func keepBest(_ rewards: [Float]) {
        let best = prompts.indices.map { prompt in
            (prompt * samples..<(prompt + 1) * samples).reduce(prompt * samples) {
                rewards[$1] > rewards[$0] ? $1 : $0
            }
        }
        for index in best { lines[index].reward = rewards[index] }
        lines = best.map { lines[$0] }
        pending = best.map { pending[$0] }
        samples = 1
    }

    private func write() throws {
        if awaitsRewards { return }
        while current < lines.count {
            let isEnded = lines[current].ending != nil
            if asJSON {
                guard isEnded else { return }
                try printJSON(lines[current])
            } else {
                if !isOnlyText, !isHeaded { try standardOutput("--- \(heading)\n".utf8) }
                isHeaded = true
                try standardOutput((pending[current] + (isEnded ? "\n" : "")).utf8)
                pending[current] = ""
                guard isEnded else { return }
            }
            current += 1
            isHeaded = false
        }
    }

    private var heading: String {
        let number = "prompt \(first + current / samples + 1)"
        return samples > 1 ? "\(number), text \(current % samples + 1)" : number
    }

    private func alternative(_ candidate: TokenProbability) -> Line.Alternative {
        Line.Alternative(
            id: candidate.token, log_probability: candidate.logProbability,
            text: tokenizer.decode([candidate.token]))
    }
}
