import Alignment
import ArgumentParser
import Files
import Foundation
import LanguageModel
import NeuralCore

/// `hone chat`: a conversation in the terminal.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model in the terminal.",
        discussion: paragraphs(
            """
            Each line is what you say; the answer appears as it is generated. Ctrl-C stops an answer, which is kept as
            far as it came; Ctrl-D or /quit ends the conversation, /help names the other commands. The arrow keys
            move in a line and go back to earlier ones, also of earlier sessions; pasted lines are one message, and
            Alt-Enter begins a new line in one. Input may be piped: each line gets its answer. What a model thinks
            before an answer, between <think> and </think>, is dimmed, and goes to standard error where the answer goes
            to a file.

              hone chat --model assistant
              hone chat --model assistant --system 'Answer in one sentence.' --weights int8
              hone chat --model qwen3 --template-variable enable_thinking=false
              hone chat --model qwen3 --max-tokens 2000 --thinking-token-budget 1000 --thinking hidden
              hone chat --model assistant --tools tools.json --tool-folder notes
              echo 'Where is the library?' | hone chat --model assistant --temperature 0
            """))

    @OptionGroup var arguments: GenerationArguments
    @OptionGroup var toolOptions: ChatToolOptions

    @Option(help: ArgumentHelp("The system message.", valueName: "text"))
    var system: String?

    @Option(
        help: ArgumentHelp(
            "A built-in template (chatml, llama3, qwen, mistral, zephyr) or a file, instead of the model's own.",
            valueName: "name"), completion: .file())
    var template: String?

    @Option(help: "How thinking before an answer is shown: dimmed or hidden.")
    var thinking = ThinkingDisplay.dimmed

    @Option(
        help: ArgumentHelp(
            "The file of earlier messages, for the arrow keys; empty for none. By default chat-history.jsonl in ~/.local/state/hone.",
            valueName: "file"), completion: .file())
    var history: String?

    func run() async throws {
        try await reportingErrors {
            let declared = try toolOptions.tools.map(DeclaredCommands.init)
            let loaded = try arguments.load(
                template: template, base: arguments.base.folder(for: [arguments.model]))
            try loaded.checkTemplate()
            try arguments.checkThinking(loaded)
            var input = ChatInput(system: system)
            var answerer = ChatAnswerer(
                session: ChatSession(loaded.model, loaded.format),
                options: arguments.options(loaded.format),
                random: RandomSource(seed: arguments.seed ?? UInt64.random(in: 0..<1 << 32)))
            var tools = try declared.map {
                try ToolAnswerer($0, toolOptions, answerer.session, answerer.options, answerer.random)
            }
            let terminal = ChatTerminal(
                history: history.map { $0.isEmpty ? nil : URL(filePath: $0) } ?? InputHistory.standardFile,
                thinking: thinking)
            terminal.note("\(loaded.folder.lastPathComponent); /help for commands, Ctrl-D to end")
            while let line = terminal.readMessage() {
                switch input.take(line) {
                case .nothing: break
                case .quit: return
                case .say(let text): terminal.note(text)
                case .answer where tools != nil: try await tools?.answer(&input, terminal)
                case .answer: try answer(&input, &answerer, terminal)
                case .save(let path): try save(input, to: path, terminal)
                case .show(let thinking):
                    terminal.thinking = thinking
                    terminal.note("thinking is \(thinking.rawValue)")
                }
            }
        }
    }

    private func answer(
        _ input: inout ChatInput, _ answerer: inout ChatAnswerer, _ terminal: ChatTerminal
    ) throws {
        do {
            let answer = try answerer.answer(input.conversation, terminal)
            if terminal.isInterrupted, answer.text.isEmpty {
                terminal.note("stopped before the answer began; what you said is taken back")
                input.undo()
                return
            }
            input.conversation.messages.append(answerer.session.format.turn(answer))
            if terminal.isInterrupted {
                terminal.note("stopped; kept as far as it came: /retry answers again, /undo takes it back")
            } else if answer.reasoning != nil, answer.answer.isEmpty {
                terminal.note(
                    answerer.options.thinking?.budget == nil
                        ? "the thinking came to no answer; --thinking-token-budget ends thinking before --max-tokens do"
                        : "the thinking came to no answer: --max-tokens or the model's context left no room for its end"
                )
            }
        } catch let error as GenerationError {
            terminal.note("\(error)")
            input.undo()
        }
    }

    private func save(_ input: ChatInput, to path: String, _ terminal: ChatTerminal) throws {
        let line = input.conversation.json.text(.compact) + "\n"
        do {
            let url = URL(filePath: path)
            let before = FileStatus(path) == .missing ? [] : try Files.contents(of: url)
            try writeAtomically(Data(before + Array(line.utf8)), to: url)
            terminal.note("added to \(path), as a line of JSON with messages")
        } catch {
            terminal.note("\(error)")
        }
    }
}

/// Generates the answers of a conversation.
private struct ChatAnswerer {
    let session: ChatSession
    let options: GenerationOptions
    var random: RandomSource

    /// Writes the answer to a conversation's last turn as it is generated.
    ///
    /// - Returns: The answer, or what there is of it when it was stopped.
    mutating func answer(_ conversation: Conversation, _ terminal: ChatTerminal) throws -> ReasonedText {
        var (generation, isShortened, opensThinking) = try session.generation(
            answering: conversation, options, using: random.split())
        if isShortened { terminal.note("the beginning of the conversation no longer fits and is left out") }
        var answer = ""
        var thinking = ReasoningStream(beginsThinking: opensThinking)
        terminal.beginAnswer()
        do {
            while !generation.isFinished, !terminal.isInterrupted {
                for piece in generation.step() {
                    answer += piece.text
                    try terminal.write(thinking.append(piece.text))
                }
            }
            try terminal.write(thinking.finish())
        } catch {
            try? terminal.endAnswer()
            throw error
        }
        try terminal.endAnswer()
        session.keep(generation)
        return ReasonedText(answer, beginsThinking: opensThinking && !answer.isEmpty)
    }
}
