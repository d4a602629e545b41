import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// The options of a conversation in which commands may be run.
struct ChatToolOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON file of commands that the model may ask to have run: name, description, parameters, argv.",
            valueName: "file"), completion: .file())
    var tools: String?

    @Option(
        help: ArgumentHelp(
            "The folder in which commands run; the current one unless given.", valueName: "dir"),
        completion: .directory)
    var toolFolder: String?

    @Option(
        help: ArgumentHelp(
            "The form of calls, instead of the chat template's: \(Self.formats.joined(separator: ", ")).",
            valueName: "name"), completion: .list(Self.formats))
    var toolFormat: String?

    private static let formats = ToolCallFormat.allCases.map(\.rawValue)

    /// The form of calls; nil for the chat template's.
    var format: ToolCallFormat? { toolFormat.flatMap(ToolCallFormat.init) }

    func validate() throws {
        try refuse("--tool-folder", if: toolFolder != nil && tools == nil, "it needs --tools")
        try refuse("--tool-format", if: toolFormat != nil && tools == nil, "it needs --tools")
        if let toolFormat, format == nil {
            throw ValidationError(
                "--tool-format \(toolFormat) is none of \(Self.formats.joined(separator: ", ")).")
        }
        var isFolder: ObjCBool = false
        if let toolFolder,
            !FileManager.default.fileExists(atPath: toolFolder, isDirectory: &isFolder) || !isFolder.boolValue
        {
            throw ValidationError("--tool-folder \(toolFolder): no such folder.")
        }
    }
}

extension ToolUseError: CommandError {
    var outcome: Outcome { .badData }
}

/// Answers in a conversation by a model that may ask to have commands run, each after the user has said yes.
struct ToolAnswerer {
    private let session: ChatSession
    private let options: GenerationOptions
    private let format: ToolCallFormat
    private let commands: [DeclaredCommand]
    private let folder: String
    private var random: RandomSource

    /// - Throws: ``ToolUseError`` where the model's template writes no calls.
    init(
        _ declared: DeclaredCommands, _ options: ChatToolOptions, _ session: ChatSession,
        _ generation: GenerationOptions, _ random: RandomSource
    ) throws(ToolUseError) {
        guard let format = options.format ?? session.format.callFormat else { throw .noCallFormat }
        commands = declared.commands
        folder = options.toolFolder ?? FileManager.default.currentDirectoryPath
        (self.session, self.options, self.format, self.random) = (session, generation, format, random)
    }

    /// Answers a conversation's last turn, and adds all turns that this takes. An answer that the user stops is taken back
    /// with its question, since calls without results are no conversation.
    mutating func answer(_ input: inout ChatInput, _ terminal: ChatTerminal) async throws {
        let (events, source) = AsyncStream.makeStream(of: ToolAnswerEvent.self)
        let gate = CommandGate(folder: folder, events: source, state: terminal.state)
        let tools = commands.map { command in
            Tool(command.name, command.purpose, parameters: command.parameters) { arguments in
                await gate.result(of: command, arguments)
            }
        }
        // The user's own time is no limit, and each command has its own.
        let limits = ToolLimits(time: .seconds(86_400), timePerCall: .seconds(86_400), resultBytes: 1 << 24)
        let (session, format, options) = (session, format, options)
        let (conversation, random) = (input.conversation, random.split())
        terminal.beginAnswer()
        let task = Task {
            defer { source.finish() }
            return try await session.reply(
                to: conversation, tools: tools, limits: limits, format: format, options, using: random
            ) { event in
                switch event {
                case .reasoning(let text): source.yield(.text((text, "")))
                case .text(let text): source.yield(.text(("", text)))
                case .calls, .results: break
                }
            }
        }
        let watch = Task { [state = terminal.state] in
            while !state.isStopping, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
            if !Task.isCancelled { task.cancel() }
        }
        for await event in events {
            switch event {
            case .text(let text): try terminal.write(text)
            case .question(let command, let answer):
                answer.resume(returning: try terminal.allows(command, in: folder))
            }
        }
        let result = await task.result
        watch.cancel()
        try terminal.endAnswer()
        switch result {
        case .success(let reply):
            input.conversation = reply.conversation
            note(reply.ending, limits, terminal)
        case .failure(is CancellationError):
            terminal.note("stopped; the question is taken back")
            input.undo()
        case .failure(let error as GenerationError):
            terminal.note("\(error)")
            input.undo()
        case .failure(let error): throw error
        }
    }

    private func note(_ ending: ToolReply.Ending, _ limits: ToolLimits, _ terminal: ChatTerminal) {
        switch ending {
        case .answered: break
        case .length: terminal.note("the answer was cut after the most tokens")
        case .turns: terminal.note("no answer after \(limits.turns) rounds of commands")
        case .time: terminal.note("the time is over")
        case .malformed(let error): terminal.note("\(error); it was not run")
        }
    }
}

/// What happens while a model answers that may ask to have commands run.
private enum ToolAnswerEvent: Sendable {
    /// The next piece of its thinking or of its text.
    case text((reasoning: String, answer: String))
    /// It asks to have a command run; told whether the user allows it.
    case question([String], CheckedContinuation<Bool, Never>)
}

/// Runs the commands that the user allows; the questions come one after another, the commands run side by side.
private struct CommandGate: Sendable {
    let folder: String
    let events: AsyncStream<ToolAnswerEvent>.Continuation
    let state: ChatTerminal.State

    func result(of command: DeclaredCommand, _ arguments: JSONValue) async -> String {
        let argv: [String]
        do throws(DeclaredCommand.Problem) { argv = try command.argv(arguments) } catch {
            return Self.failure("\(error)")
        }
        let isAllowed = await withCheckedContinuation { answer in
            // Nobody is asked once the answer has ended.
            if case .terminated = events.yield(.question(argv, answer)) { answer.resume(returning: false) }
        }
        guard isAllowed else { return Self.failure("the user did not allow this") }
        return await withCheckedContinuation { result in
            DispatchQueue.global().async { result.resume(returning: run(argv, command)) }
        }
    }

    private func run(_ argv: [String], _ command: DeclaredCommand) -> String {
        let run: CommandRun
        do {
            run = try CommandRun(
                argv, in: folder, seconds: command.seconds, bytes: command.bytes,
                isStopped: { state.isStopping })
        } catch {
            return Self.failure("\(argv[0]) cannot be started: \(error.localizedDescription)")
        }
        let output = String(decoding: run.output, as: UTF8.self)
        switch run.ending {
        case .exited(0): return output
        case .exited(let code): return Self.failure("it ended with exit code \(code)", output)
        case .killed(let signal): return Self.failure("it was ended by signal \(signal)", output)
        case .outOfTime: return Self.failure("it did not end within \(command.seconds) seconds", output)
        case .tooLong: return Self.failure("it printed more than \(command.bytes) bytes", output)
        case .stopped: return Self.failure("the user stopped it", output)
        }
    }

    private static func failure(_ reason: String, _ output: String = "") -> String {
        var object: JSONObject = ["error": .string(reason)]
        if !output.isEmpty { object["output"] = .string(output) }
        return JSONValue.object(object).text()
    }
}

extension ChatTerminal {
    /// Asks the user whether a command may run.
    fileprivate func allows(_ argv: [String], in folder: String) throws -> Bool {
        let line = argv.map(CommandContext.quoted).joined(separator: " ").replacing("\n", with: "\\n")
        return try allows("run in \(folder): \(line)")
    }
}
