import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

#if Server
import Conversations
import Feedback
import HTTPServing
import JSON
import Logging
import Serving
#endif

/// Why nothing is served.
enum ServeError: CommandError, CustomStringConvertible {
    /// The address is taken or is not one of this machine.
    case address(host: String, port: Int, reason: String)
    /// The file of the key has none.
    case noKey(file: String)
    /// Two models have one name.
    case sameName(String)

    var description: String {
        switch self {
        case .address(let host, let port, let reason): "\(host):\(port): \(reason)"
        case .noKey(let file): "\(file): expected a key of at least 16 characters in its first line"
        case .sameName(let name): "two models have the name \(name); give one as NAME=FOLDER"
        }
    }

    var outcome: Outcome {
        switch self {
        case .sameName: .usage
        case .address: .inputOutput
        case .noKey: .badData
        }
    }
}

/// `hone serve`: models for programs and people, by HTTP.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models by OpenAI's HTTP interface.",
        discussion: paragraphs(
            """
            Answers /v1/chat/completions, /v1/completions, /v1/models, /tokenize, /detokenize, /health and
            /metrics. Many requests are generated together, and what was read of a beginning they share is kept; the
            same request with the same seed gets the same tokens whoever else is being served.

              hone serve assistant --weights bfloat16
              hone serve sft=runs/sft dpo=runs/dpo --port 9000
              hone serve assistant --host 0.0.0.0 --api-key-file key.txt
              hone serve sft=sft dpo=dpo --feedback choices.sqlite --prompts asked.jsonl

            In a browser there are pages to chat, to compare answers and to see who is better. With --feedback, what
            people say there is kept, for hone feedback and for the --data of hone dpo, orpo, cpo, kto, sft and reward.
            Only this machine can connect unless --host says otherwise, which needs a key. SIGTERM and Ctrl-C end it
            when what is being answered is finished.
            """))

    @Argument(
        help: ArgumentHelp("Folders of models, or NAME=FOLDER.", valueName: "model"), completion: .model)
    var models: [String]

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "n"))
    var port = 8080

    @Option(
        help: ArgumentHelp("A file with the key that clients must send.", valueName: "file"),
        completion: .file())
    var apiKeyFile: String?

    @Option(help: ArgumentHelp("The most texts generated together, for each model.", valueName: "n"))
    var slots = 16

    @Option(help: ArgumentHelp("The most waiting requests, for each model.", valueName: "n"))
    var queue = 256

    @Option(
        help: ArgumentHelp("The most memory for cached prompts, for each model.", valueName: "MiB"))
    var prefixCache = 256

    @Option(
        help:
            "The storage format of weights: float32, bfloat16, int8 or int4. With half the bytes, nearly twice the speed."
    )
    var weights = GenerationArguments.WeightFormat.float32

    @Option(help: "The storage format of the key-value cache: float32 or bfloat16.")
    var cache = PrecisionName.float32

    @Option(
        help: ArgumentHelp(
            "Keep what people say of answers in this file of SQLite, made if there is none.",
            valueName: "file"),
        completion: .file(extensions: ["sqlite"]))
    var feedback: String?

    @Option(
        help: ArgumentHelp("Records with prompts to compare answers to.", valueName: "file"),
        completion: .file())
    var prompts: String?

    @Option(help: ArgumentHelp("The comparisons to work toward.", valueName: "n"))
    var goal = 60

    @OptionGroup var base: BaseOption
    @OptionGroup var variables: TemplateVariables

    private var isLocal: Bool { ["127.0.0.1", "localhost", "::1"].contains(host) }

    func validate() throws {
        try check("--port", port, in: 0...65535)
        try check("--slots", slots, in: 1...1024)
        try check("--queue", queue, in: 1...1_000_000)
        try check("--goal", goal, in: 1...1_000_000)
        try refuse(
            "--prompts", if: prompts != nil && feedback == nil, "there is no --feedback to keep choices in")
        try check("--prefix-cache", prefixCache, in: 0...1_048_576)
        guard !models.isEmpty else { throw ValidationError("Name a model to serve.") }
        if !isLocal, apiKeyFile == nil {
            throw ValidationError("--host \(host) lets other machines connect, which needs --api-key-file.")
        }
    }

    func run() async throws {
        #if Server
        try await reportingErrors {
            let server = ModelServer(
                try served(),
                policy: AccessPolicy(key: try key(), hosts: isLocal ? AccessPolicy.thisMachine : nil),
                feedback: try desk())
            var logger = Logger(label: "hone") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = .warning
            let names = server.models.map(\.name).joined(separator: ", ")
            do {
                try await server.run(host: host, port: port, logger: logger) { port in
                    standardError("serving \(names) at http://\(host):\(port)\n")
                }
            } catch let error as ListeningError {
                let hint = error.isInUse ? "; --port takes another, and 0 any that is free" : ""
                throw ServeError.address(host: host, port: port, reason: "\(error)\(hint)")
            } catch {
                throw ServeError.address(host: host, port: port, reason: "\(error)")
            }
        }
        #else
        try reportingErrors { () throws in
            for argument in models where !argument.contains("=") { _ = try existing(argument) }
            throw NotBuiltError(command: "serve …")
        }
        #endif
    }

    #if Server
    private func served() throws -> [ServedModel] {
        var served: [ServedModel] = []
        let named = models.map { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, !FileManager.default.fileExists(atPath: argument) else {
                return (
                    name: URL(filePath: argument).standardizedFileURL.deletingPathExtension()
                        .lastPathComponent,
                    folder: argument
                )
            }
            return (name: parts[0], folder: parts[1])
        }
        let base = try base.folder(for: named.map(\.folder))
        for (name, folder) in named {
            guard !served.contains(where: { $0.name == name }) else { throw ServeError.sameName(name) }
            let loaded = try LoadedModel(
                folder, weights: weights, template: nil, variables: variables, base: base)
            let limits = ServingLimits(
                slots: slots, waiting: queue, prefixBytes: prefixCache << 20,
                cacheFormat: cache == .float32 ? .float32 : .bfloat16)
            served.append(
                ServedModel(
                    name: name, format: loaded.format,
                    engine: ServingEngine(loaded.model, loaded.format.tokenizer, limits: limits)))
        }
        return served
    }

    /// Where feedback is kept, and what people are asked.
    private func desk() throws -> FeedbackDesk? {
        guard let feedback else { return nil }
        var asked: [[JSONValue]] = []
        for file in try DatasetFolder.files(at: prompts.map { [$0] } ?? [], split: "train") {
            let (records, report) = try PromptRecord.read(file)
            if report.skippedCount > 0 { standardError("\(file.lastPathComponent): \(report)\n") }
            asked += records.map { record in
                switch record.prompt {
                case .text(let text): [Message.user(text).json]
                case .messages(let messages): messages.map(\.json)
                }
            }
        }
        return FeedbackDesk(try FeedbackStore(feedback), prompts: asked, goal: goal)
    }

    private func key() throws -> String? {
        guard let apiKeyFile else { return nil }
        let text = try String(contentsOf: existing(apiKeyFile), encoding: .utf8)
        let key = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard key.count >= 16 else { throw ServeError.noKey(file: apiKeyFile) }
        return key
    }
    #endif
}
