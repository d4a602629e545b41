import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// The progress of building a corpus, in one line; errors stay on the screen.
struct CorpusProgressLine {
    private var line = ProgressLine("corpus", waits: true)
    private let start = Date()
    private var shownProblems = 0

    private static let maximumProblems = 20

    /// Seconds since the work began.
    var seconds: Double { Date().timeIntervalSince(start) }

    /// Shows a state, if the last one was shown long enough ago.
    mutating func show(_ state: CorpusProgress) {
        if let problem = state.problem {
            shownProblems += 1
            if shownProblems <= Self.maximumProblems { line.note("hone: \(problem)") }
            if shownProblems == Self.maximumProblems {
                line.note("hone: further errors are in the data card")
            }
        }
        let rate = Double(state.bytesRead) / 1e6 / max(seconds, 1e-3)
        line.show(
            share: nil,
            [
                "\(NumberStyle.size.string(Double(state.bytesRead))) read",
                "\(state.documentsKept) of \(state.documentsIn) kept",
                "\(fixed(rate, 1)) MB/s",
            ])
    }

    /// Clears the line.
    func finish() { line.clear() }
}
