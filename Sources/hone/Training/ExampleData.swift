import Alignment
import Foundation
import LanguageModel
import NeuralCore

extension ExampleError: CommandError {
    var outcome: Outcome {
        switch self {
        case .records(let error): error.outcome
        case .unusable, .noExamples: .badData
        case .template(let error): error.outcome
        }
    }
}

extension ExampleReader {
    /// Reads files of records as the user's options say, and tells what was left out.
    init(_ chat: ChatModel, context: Int?, asksAsUser: Bool, isStrict: Bool = false) {
        let options = ReadingOptions(
            context: context, plainPromptsAreTurns: asksAsUser, onBadRecord: isStrict ? .refuse : .skip)
        self.init(chat, options) { report in
            guard !report.sentences.isEmpty else { return }
            let hint = report.plainPrompts > 0 ? "; --chat puts its chat template around it" : ""
            standardError("\(report)\(hint)\n")
        }
    }
}

/// An example that is known by its contents.
protocol RecognizedExample: TrainingExample {
    /// All that the model reads.
    var tokens: [[Int32]] { get }
    /// What else there is to the example: where answers end, labels.
    var marks: [Int] { get }
}

extension SupervisedTokens: RecognizedExample {
    var tokens: [[Int32]] { [ids] }
    var marks: [Int] { answerEnds }
}

extension TokenizedPair: RecognizedExample {
    var tokens: [[Int32]] { [prompt, chosen, rejected] }
    var marks: [Int] { margin.map { [Int($0.bitPattern)] } ?? [] }
}

extension TokenizedLabel: RecognizedExample {
    var tokens: [[Int32]] { [prompt, completion] }
    var marks: [Int] { [isDesirable ? 1 : 0] }
}

extension TokenizedPrompt: RecognizedExample {
    var tokens: [[Int32]] { [ids] }
    var marks: [Int] { [] }
}

extension Fingerprint {
    /// Of examples in their order.
    init(of examples: some Sequence<some RecognizedExample>) {
        for example in examples {
            for mark in example.marks { add(UInt64(bitPattern: Int64(mark))) }
            for part in example.tokens { add(ids: part) }
        }
    }

    /// Goes on with the ids of a text.
    mutating func add(ids: [Int32]) {
        for id in ids { add(UInt64(UInt32(bitPattern: id))) }
        add(0xFFFF_FFFF)
    }
}

extension ExampleBatches {
    /// Writes where the next batch begins.
    func writePosition(to folder: URL) throws { try PositionFile.write(position, to: folder) }

    /// Goes on where ``writePosition(to:)`` was.
    mutating func readPosition(from folder: URL) throws {
        move(to: try PositionFile.read(from: folder) { contains($0) })
    }
}
