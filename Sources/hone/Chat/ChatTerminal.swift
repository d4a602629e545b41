import Alignment
import ArgumentParser
import Dispatch
import Foundation
import Synchronization

/// A conversation in the making, and the commands that change it.
struct ChatInput {
    /// The action that a line of input asks for.
    enum Action: Equatable {
        case nothing
        case quit
        /// Something to tell the user.
        case say(String)
        /// The conversation ends with the user's turn, and is to be answered.
        case answer
        case save(path: String)
        /// Thinking is to be shown in another way.
        case show(ThinkingDisplay)
    }

    /// The conversation so far.
    var conversation = Conversation()

    static let help = """
        /retry         answer again
        /undo          take back the last question and its answer
        /clear         begin anew
        /system TEXT   tell the model how to behave; without TEXT, nothing
        /save FILE     add the conversation to a file of JSON Lines
        /thinking HOW  show what the model thinks before it answers: dimmed or hidden
        /quit          end
        """

    init(system: String?) { setSystem(system ?? "") }

    /// Handles a line: a command, or a message of the user.
    mutating func take(_ line: String) -> Action {
        let text = line.drop { $0.isWhitespace }
        guard !text.isEmpty else { return .nothing }
        guard text.first == "/", !text.contains(where: \.isNewline) else {
            conversation.messages.append(.user(line))
            return .answer
        }
        let parts = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        let argument = parts.count > 1 ? String(parts[1]).trimmingSuffix(while: \.isWhitespace) : ""
        switch parts[0] {
        case "/quit", "/exit": return .quit
        case "/help": return .say(Self.help)
        case "/clear":
            conversation.messages.removeAll { $0.role != .system }
            return .say("begun anew")
        case "/undo": return .say(undo() ? "taken back" : "nothing was said yet")
        case "/retry":
            while let last = conversation.messages.last, [.assistant, .tool].contains(last.role) {
                conversation.messages.removeLast()
            }
            return conversation.messages.last?.role == .user ? .answer : .say("nothing was said yet")
        case "/system":
            setSystem(argument)
            return .say(argument.isEmpty ? "no system prompt" : "system prompt set")
        case "/thinking":
            return ThinkingDisplay(rawValue: argument).map { .show($0) } ?? .say("/thinking dimmed or hidden")
        case "/save": return argument.isEmpty ? .say("/save FILE") : .save(path: argument)
        default: return .say("\(parts[0]) is no command; /help names them")
        }
    }

    /// Takes back the user's last turn and all after it; false if there is none.
    @discardableResult
    mutating func undo() -> Bool {
        guard let last = conversation.messages.lastIndex(where: { $0.role == .user }) else { return false }
        conversation.messages.removeSubrange(last...)
        return true
    }

    private mutating func setSystem(_ text: String) {
        conversation.messages.removeAll { $0.role == .system }
        if !text.isEmpty { conversation.messages.insert(.system(text), at: 0) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}

/// How a model's thinking is shown.
enum ThinkingDisplay: String, CaseIterable, ExpressibleByArgument {
    case dimmed, hidden
}

/// The terminal of a conversation: answers go to standard output, all else to standard error.
final class ChatTerminal {
    private let isInteractive = isatty(STDIN_FILENO) == 1
    private let style = TerminalStyle()
    private let mode: TerminalMode?
    private let editor: LineEditor?
    /// Keeps the words of an answer whole; nil where there is no edge.
    private var wrap: WordWrap?
    /// Whether text was written since the last line ended.
    private var isWithinLine = false
    /// How thinking is shown.
    var thinking: ThinkingDisplay
    /// Whether the last text was thinking.
    private var isThinking = false
    let state = State()
    private let source: any DispatchSourceSignal

    /// What Ctrl-C changes.
    final class State: Sendable {
        fileprivate let isAnswering = Atomic(false)
        fileprivate let isInterrupted = Atomic(false)

        /// Whether the answer is to be stopped.
        var isStopping: Bool { isInterrupted.load(ordering: .relaxed) }
    }

    /// From now on Ctrl-C stops an answer, not the program.
    ///
    /// - Parameters:
    ///   - history: Where messages are kept for the next session; nil for nowhere.
    ///   - thinking: How thinking is shown.
    init(history: URL?, thinking: ThinkingDisplay) {
        self.thinking = thinking
        let mode = TerminalMode()
        self.mode = mode
        editor = mode.map { LineEditor(InputHistory(history), $0) }
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [state] in
            if state.isAnswering.load(ordering: .relaxed) {
                state.isInterrupted.store(true, ordering: .relaxed)
            } else {
                mode?.set(.lines)
                exit(Outcome.interrupted.rawValue)
            }
        }
        source.resume()
    }

    /// Reads the user's next message; nil at the end.
    func readMessage() -> String? {
        guard let editor else {
            if isInteractive { standardError("> ") }
            return readLine()
        }
        while true {
            switch editor.read() {
            case .message(let text): return text
            case .interrupted: note("/quit or Ctrl-D ends the conversation")
            case .endOfInput: return nil
            }
        }
    }

    /// Tells the user something that nobody said.
    func note(_ text: String) {
        standardError(isInteractive ? style.colored(text, "2") + "\n" : "hone: \(text)\n")
    }

    /// Whether the answer is to be stopped.
    var isInterrupted: Bool { state.isStopping }

    func beginAnswer() {
        // What is typed during an answer would be seen within it.
        if style.isTerminal {
            mode?.set(.quiet)
            wrap = WordWrap()
        }
        state.isInterrupted.store(false, ordering: .relaxed)
        state.isAnswering.store(true, ordering: .relaxed)
    }

    /// Writes thinking, and the answer behind it.
    func write(_ parts: (reasoning: String, answer: String)) throws {
        if !parts.reasoning.isEmpty { try think(parts.reasoning) }
        if !parts.answer.isEmpty { try write(parts.answer) }
    }

    /// Shows thinking as it is to be shown: in a terminal among the answers, else with what is none.
    private func think(_ text: String) throws {
        defer { isThinking = true }
        guard thinking == .dimmed else {
            if !isThinking, isInteractive { note("thinking …") }
            return
        }
        let text = TerminalStyle.harmless(text)
        guard style.isTerminal else { return standardError(text) }
        let shown = wrap?.append(text, width: style.width) ?? text
        if !shown.isEmpty { try standardOutput(style.colored(shown, "2").utf8) }
    }

    /// Divides the answer from the thinking before it.
    private func endThinking() throws {
        guard isThinking else { return }
        isThinking = false
        guard thinking == .dimmed else { return }
        guard style.isTerminal else { return standardError("\n") }
        let rest = wrap?.finish(width: style.width) ?? ""
        try standardOutput((rest.isEmpty ? "" : style.colored(rest, "2")).utf8)
        try standardOutput((wrap?.append("\n\n", width: style.width) ?? "\n\n").utf8)
    }

    func write(_ text: String) throws {
        try endThinking()
        let text = TerminalStyle.harmless(text)
        isWithinLine = text.isEmpty ? isWithinLine : text.last != "\n"
        try standardOutput((wrap?.append(text, width: style.width) ?? text).utf8)
    }

    /// Asks the user for a yes to something within an answer; false where there is none, or the answer is to be stopped.
    func allows(_ action: String) throws -> Bool {
        guard !isInterrupted else { return false }
        if isWithinLine { try standardOutput(((wrap?.finish(width: style.width) ?? "") + "\n").utf8) }
        isWithinLine = false
        mode?.set(.lines)
        defer { mode?.set(.quiet) }
        // What was typed before the question is no answer to it.
        if isInteractive { tcflush(STDIN_FILENO, TCIFLUSH) }
        note(TerminalStyle.harmless(action))
        standardError("yes or no? ")
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while isInteractive, !isInterrupted, poll(&input, 1, 100) == 0 {}
        guard !isInterrupted, let answer = readLine() else { return false }
        return ["y", "yes"].contains(answer.lowercased())
    }

    func endAnswer() throws {
        try endThinking()
        isWithinLine = false
        state.isAnswering.store(false, ordering: .relaxed)
        defer { mode?.set(.lines) }
        try standardOutput(((wrap?.finish(width: style.width) ?? "") + "\n").utf8)
    }
}
