import Alignment
import Formatting
import Foundation
import LanguageModel

/// Writes texts in the order of their sequences: the first that is not finished as it grows, the others when their
/// turn comes.
final class TextWriter {
    /// How texts are written.
    enum Form {
        /// As they are, under headings unless there is one text only.
        case text(isAlone: Bool)
        /// A line of JSON each.
        case json
        /// A record to train on each, of the prompts', with the turn that a text is after the prompt of a number.
        case records([PromptRecord], to: RecordLines, turn: (String, Int) -> Message)
    }

    /// How many texts are not written, by the cause; of a prompt of which none is, one.
    struct LeftOut {
        /// By --max-tokens, or the end of the model's context.
        var cut = 0
        /// Nothing judges them, and --minimum-reward is given.
        var unjudged = 0
        var belowMinimum = 0

        static func += (sum: inout LeftOut, other: LeftOut) {
            sum.cut += other.cut
            sum.unjudged += other.unjudged
            sum.belowMinimum += other.belowMinimum
        }

        /// A line about them; nil where there are none.
        var sentence: String? {
            let causes = [
                (cut, "cut by --max-tokens"), (unjudged, "not judged"),
                (belowMinimum, "below --minimum-reward"),
            ].filter { $0.0 > 0 }
            guard !causes.isEmpty else { return nil }
            let texts = counted(cut + unjudged + belowMinimum, "text")
            return "\(texts) left out: \(causes.map { "\(grouped($0)) \($1)" }.joined(separator: ", "))\n"
        }
    }

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
    private let form: Form
    /// Whether nothing is written until the best text of each prompt is known.
    private var awaitsRewards: Bool
    private let tokenizer: BytePairTokenizer

    private var lines: [Line]
    /// The prompt of each line.
    private var origins: [Int]
    /// The numbers of texts that are not written.
    private(set) var leftOut = LeftOut()
    /// The sequence that is being written, and how much of its text has been.
    private var current = 0
    private var isHeaded = false
    private var pending: [String]

    init(
        prompts: [String], samples: Int, first: Int, form: Form, isJudged: Bool,
        _ tokenizer: BytePairTokenizer
    ) {
        self.prompts = prompts
        self.samples = samples
        self.first = first
        self.form = form
        awaitsRewards = isJudged
        self.tokenizer = tokenizer
        lines = (0..<prompts.count * samples).map { index in
            Line(
                prompt: prompts[index / samples], sample: index % samples, text: "", ids: [],
                log_probabilities: [])
        }
        pending = lines.map { _ in "" }
        origins = lines.indices.map { $0 / samples }
    }

    func add(_ piece: GeneratedPiece) throws {
        let index = piece.sequence
        pending[index] += piece.text
        lines[index].ending = piece.ending?.rawValue
        lines[index].text += piece.text
        if case .json = form {
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
    /// - Parameters:
    ///   - rewards: That of each text, where only the best of each prompt is wanted; NaN where nothing judges it.
    ///   - minimum: The least reward of a text that is written; nil for any.
    func finish(rewards: [Float]?, minimum: Float?) throws {
        for index in lines.indices where lines[index].ending == nil { lines[index].ending = "length" }
        if let rewards { keepBest(rewards, minimum) }
        awaitsRewards = false
        try write()
    }

    /// Keeps the text with the greatest reward of each prompt, the first of equals, if it is great enough. Records are chosen
    /// from texts that came to their end.
    private func keepBest(_ rewards: [Float], _ minimum: Float?) {
        var isWhole = lines.map { _ in true }
        if case .records = form { isWhole = lines.map { $0.ending != "length" } }
        let best = prompts.indices.compactMap { prompt in
            (prompt * samples..<(prompt + 1) * samples).reduce(into: Int?.none) { best, index in
                guard isWhole[index], minimum.map({ rewards[index] >= $0 }) ?? true else { return }
                if best.map({ rewards[index] > rewards[$0] || rewards[$0].isNaN }) ?? true { best = index }
            }
        }
        let chosen = Set(best.map { $0 / samples })
        for prompt in prompts.indices where !chosen.contains(prompt) {
            let texts = (prompt * samples..<(prompt + 1) * samples).filter { isWhole[$0] }
            if texts.isEmpty {
                leftOut.cut += 1
            } else if texts.allSatisfy({ rewards[$0].isNaN }) {
                leftOut.unjudged += 1
            } else {
                leftOut.belowMinimum += 1
            }
        }
        for index in best where !rewards[index].isNaN { lines[index].reward = rewards[index] }
        lines = best.map { lines[$0] }
        pending = best.map { pending[$0] }
        origins = best.map { origins[$0] }
        samples = 1
    }

    private func write() throws {
        if awaitsRewards { return }
        while current < lines.count {
            let isEnded = lines[current].ending != nil
            switch form {
            case .json:
                guard isEnded else { return }
                try printJSON(lines[current])
            case .records(let records, let file, let turn):
                guard isEnded else { return }
                if lines[current].ending == "length" {
                    leftOut.cut += 1
                } else {
                    try file.add(record(records[origins[current]], turn))
                }
            case .text(let isAlone):
                if !isAlone, !isHeaded { try standardOutput("--- \(heading)\n".utf8) }
                isHeaded = true
                try standardOutput((pending[current] + (isEnded ? "\n" : "")).utf8)
                pending[current] = ""
                guard isEnded else { return }
            }
            current += 1
            isHeaded = false
        }
    }

    /// The current text as the completion of its prompt.
    private func record(_ prompt: PromptRecord, _ turn: (String, Int) -> Message) -> JSONValue {
        let text = lines[current].text
        var object = prompt.json.object ?? [:]
        switch prompt.prompt {
        case .text: object["completion"] = .string(text)
        case .messages: object["completion"] = .array([turn(text, origins[current]).json])
        }
        if let reward = lines[current].reward { object["reward"] = .number(Double(reward)) }
        return .object(object)
    }

    private var heading: String {
        let number = "prompt \(first + origins[current] + 1)"
        return samples > 1 ? "\(number), text \(current % samples + 1)" : number
    }

    private func alternative(_ candidate: TokenProbability) -> Line.Alternative {
        Line.Alternative(
            id: candidate.token, log_probability: candidate.logProbability,
            text: tokenizer.decode([candidate.token]))
    }
}
