import Dispatch
import Foundation
import Synchronization

/// The terminal of a conversation: answers go to standard output, all else to standard error.
final class ChatTerminal {
    private let isInteractive = isatty(STDIN_FILENO) == 1
    private let style = TerminalStyle()
    private let state = State()
    private let source: any DispatchSourceSignal

    private final class State: Sendable {
        let isAnswering = Atomic(false)
        let isInterrupted = Atomic(false)
    }

    /// From now on Ctrl-C stops an answer, not the program.
    init() {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [state, isInteractive] in
            if state.isAnswering.load(ordering: .relaxed) {
                state.isInterrupted.store(true, ordering: .relaxed)
            } else if isInteractive {
                standardError("\n/quit or Ctrl-D ends the conversation\n> ")
            } else {
                exit(Outcome.interrupted.rawValue)
            }
        }
        source.resume()
    }

    /// Reads the user's next line; nil at the end.
    func readLine() -> String? {
        if isInteractive { standardError("> ") }
        return Swift.readLine()
    }

    /// Tells the user something that nobody said.
    func note(_ text: String) {
        standardError(isInteractive ? style.colored(text, "2") + "\n" : "hone: \(text)\n")
    }

    /// Whether the answer is to be stopped.
    var isInterrupted: Bool { state.isInterrupted.load(ordering: .relaxed) }

    func beginAnswer() {
        state.isInterrupted.store(false, ordering: .relaxed)
        state.isAnswering.store(true, ordering: .relaxed)
    }

    func write(_ text: String) throws { try standardOutput(TerminalStyle.harmless(text).utf8) }

    func endAnswer() throws {
        state.isAnswering.store(false, ordering: .relaxed)
        try standardOutput("\n".utf8)
    }
}
