import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone chat`: a conversation in the terminal.
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model in the terminal.",
        discussion: paragraphs(
            """
            Each line is what you say; the answer appears as it is generated. Ctrl-C stops an answer, Ctrl-D or /quit
            ends the conversation, /help names the other commands. Input may be piped: each line gets its answer.

              hone chat --model assistant
              hone chat --model assistant --system 'Answer in one sentence.' --weights int8
              echo 'Where is the library?' | hone chat --model assistant --temperature 0
            """))

    @OptionGroup var arguments: GenerationArguments

    @Option(help: ArgumentHelp("Tells the model how to behave.", valueName: "text"))
    var system: String?

    @Option(
        help: ArgumentHelp(
            "A built-in template (chatml, llama3, qwen, mistral, zephyr) or a file, instead of the model's own.",
            valueName: "name"))
    var template: String?

    func run() throws {
        try reportingErrors {
            let loaded = try arguments.load(
                template: template, base: arguments.base.folder(for: [arguments.model]))
            try loaded.checkTemplate()
            var session = ChatSession(system: system)
            var answerer = ChatAnswerer(
                loaded: loaded, options: arguments.options(stopTokens: loaded.format.stopTokens),
                random: RandomSource(seed: arguments.seed ?? UInt64.random(in: 0..<1 << 32)))
            let terminal = ChatTerminal()
            terminal.note("\(loaded.folder.lastPathComponent); /help for commands, Ctrl-D to end")
            while let line = terminal.readLine() {
                switch session.take(line) {
                case .nothing: break
                case .quit: return
                case .say(let text): terminal.note(text)
                case .answer: try answer(&session, &answerer, terminal)
                case .save(let path): try save(session, to: path, terminal)
                }
            }
        }
    }

    private func answer(
        _ session: inout ChatSession, _ answerer: inout ChatAnswerer, _ terminal: ChatTerminal
    ) throws {
        do {
            let answer = try answerer.answer(session.conversation, terminal)
            session.conversation.messages.append(.assistant(answer))
        } catch let error as GenerationError {
            terminal.note("\(error)")
            session.undo()
        }
    }

    private func save(_ session: ChatSession, to path: String, _ terminal: ChatTerminal) throws {
        let line = session.conversation.json.text(.compact) + "\n"
        do {
            let url = URL(filePath: path)
            let before = FileManager.default.fileExists(atPath: path) ? try Data(contentsOf: url) : Data()
            try (before + Data(line.utf8)).write(to: url, options: .atomic)
            terminal.note("added to \(path), as a line of JSON with messages")
        } catch {
            terminal.note("\(path): \(error.localizedDescription)")
        }
    }
}

/// Generates the answers of a conversation.
private struct ChatAnswerer {
    let loaded: LoadedModel
    let options: GenerationOptions
    var random: RandomSource

    /// Writes the answer to a conversation's last turn as it is generated.
    ///
    /// - Returns: The answer, or what there is of it when it was stopped.
    mutating func answer(_ conversation: Conversation, _ terminal: ChatTerminal) throws -> String {
        var generation = try TextGeneration(
            loaded.model, loaded.format.tokenizer, prompts: [try tokens(of: conversation, terminal)],
            options: options, using: random.split())
        var answer = ""
        terminal.beginAnswer()
        while !generation.isFinished, !terminal.isInterrupted {
            for piece in generation.step() {
                try terminal.write(piece.text)
                answer += piece.text
            }
        }
        try terminal.endAnswer()
        return answer
    }

    /// The conversation as the model reads it; what was said first is left out where there is no room.
    private func tokens(of conversation: Conversation, _ terminal: ChatTerminal) throws -> [Int32] {
        let positions = loaded.model.configuration.contextLength
        let room = positions - min(options.maxTokens, max(1, positions / 4))
        var shortened = conversation
        while true {
            let tokens = try loaded.format.prompt(shortened)
            let first = shortened.messages.firstIndex { $0.role == .user } ?? 0
            guard tokens.count > room, shortened.messages.count > first + 2 else {
                if shortened != conversation {
                    terminal.note("the beginning of the conversation no longer fits and is left out")
                }
                return tokens
            }
            shortened.messages.removeSubrange(first..<first + 2)
        }
    }
}
