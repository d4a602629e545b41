public import LanguageModel
public import NeuralCore

/// What happens while a model answers that may call tools.
public enum ToolEvent: Hashable, Sendable {
    /// The next piece of the assistant's thinking, which comes before its text and calls.
    case reasoning(String)
    /// The next piece of the assistant's text.
    case text(String)
    /// The assistant calls tools, which are then run.
    case calls([ToolCall])
    /// What the tools gave, in the order of the calls.
    case results([Message])
}

/// An answer, with the calls of tools that led to it.
public struct ToolReply: Hashable, Sendable {
    /// Why there is no further turn.
    public enum Ending: Hashable, Sendable {
        /// The assistant has answered without a call.
        case answered
        /// Its last turn was cut after the most tokens.
        case length
        /// As many turns as are allowed called tools.
        case turns
        /// The time was over.
        case time
        /// A call is malformed, and was not run; its text stands in the last turn.
        case malformed(ToolCallError)
    }

    /// The conversation with the turns of the assistant and of its tools.
    public var conversation: Conversation
    /// Why there is no further turn.
    public var ending: Ending

    /// What the assistant said last, without thinking.
    public var text: String {
        ReasonedText(conversation.messages.last { $0.role == .assistant }?.content ?? "").answer
    }
}

/// Why a model cannot be given tools.
public enum ToolUseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Its chat template writes no calls in a form that is known.
    case noCallFormat
    /// The schema of a tool's arguments is not supported.
    case schema(JSONSchemaError)
    /// What describes the tools cannot be used, or two have one name.
    case tools(RecordProblem)

    /// One line for people.
    public var description: String {
        switch self {
        case .noCallFormat: "the model's chat template writes no calls of tools in a form that is known"
        case .schema(let error): "the schema of a tool: \(error)"
        case .tools(let problem): "\(problem)"
        }
    }
}

extension ChatSession {
    /// The answer to a conversation by a model that may call tools: its calls are run, and it is asked again with their
    /// results, until it answers without a call or a limit is reached.
    ///
    /// Calls keep to the schemas of the tools. Those of one turn run side by side, and their results stand in the order of
    /// the calls. A tool that throws, or takes too long, has that as its result.
    ///
    /// - Parameters:
    ///   - conversation: What was said; its tools become those given.
    ///   - tools: The tools.
    ///   - choice: The calls of the first turn; later ones are the model's choice.
    ///   - limits: The most turns and time.
    ///   - format: The form of calls; nil for the one of the chat template.
    ///   - sampling: How tokens are drawn.
    ///   - maxTokens: The most tokens of each turn.
    ///   - random: Decides the draws.
    ///   - observe: Told of what happens as it does, on the actor that awaits the reply.
    /// - Throws: ``ToolUseError``; what ``reply(to:sampling:maxTokens:using:)`` throws; `CancellationError`.
    public nonisolated(nonsending) func reply(
        to conversation: Conversation, tools: [Tool], choice: ToolChoice = .automatic,
        limits: ToolLimits = ToolLimits(), format: ToolCallFormat? = nil, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, using random: RandomSource, observing observe: (ToolEvent) -> Void = { _ in }
    ) async throws -> ToolReply {
        try await reply(
            to: conversation, tools: tools, choice: choice, limits: limits, format: format,
            options(sampling: sampling, maxTokens: maxTokens), using: random, observing: observe)
    }

    /// As above, with all options of generation.
    package nonisolated(nonsending) func reply(
        to conversation: Conversation, tools: [Tool], choice: ToolChoice = .automatic, limits: ToolLimits,
        format: ToolCallFormat? = nil, _ options: GenerationOptions, using random: RandomSource,
        observing observe: (ToolEvent) -> Void
    ) async throws -> ToolReply {
        guard let form = format ?? self.format.callFormat else { throw ToolUseError.noCallFormat }
        let deadline = ContinuousClock.now + limits.time
        var (random, options) = (random, options)
        var reply = ToolReply(conversation: conversation, ending: .turns)
        reply.conversation.tools = tools.map(\.json)
        let descriptions = try Self.descriptions(reply.conversation.tools)
        options.shownTokens = self.format.marks(of: form)
        let (first, later) = (
            try constraint(form, descriptions, choice), try constraint(form, descriptions, .automatic)
        )
        for turn in 0..<max(1, limits.turns) {
            options.constraint = turn == 0 ? first : later
            var stream = ToolCallStream(form)
            var (reasoning, text, ending): (String, String, Decoding.Ending?) = ("", "", nil)
            var thinking = ReasoningStream(
                beginsThinking: self.format.opensThinking(try self.format.prompt(reply.conversation)))
            func take(_ parts: (reasoning: String, answer: String)) {
                if !parts.reasoning.isEmpty { observe(.reasoning(parts.reasoning)) }
                reasoning += parts.reasoning
                let added = stream.append(parts.answer)
                if !added.isEmpty { observe(.text(added)) }
                text += added
            }
            let asked = (reply.conversation, options, random.split())
            let pieces = Continuation(end: { self.keep($0) }) {
                try self.generation(answering: asked.0, asked.1, using: asked.2).generation
            }
            for try await piece in pieces {
                take(thinking.append(piece.text))
                ending = piece.ending
                if ContinuousClock.now >= deadline { break }
            }
            take(thinking.finish())
            let end = stream.finish()
            if !end.text.isEmpty { observe(.text(end.text)) }
            text += end.text
            var calls = end.problem == nil ? stream.calls : []
            for index in calls.indices where calls[index].id == nil { calls[index].id = Self.id(&random) }
            let isCut = ending == nil || ending == .length
            // Calls of a turn that was cut are not run: more may have been meant.
            if isCut { calls = [] }
            let said = ReasonedText(reasoning: reasoning.isEmpty ? nil : reasoning, answer: text)
            reply.conversation.messages.append(self.format.turn(said, calls: calls))
            if calls.isEmpty {
                reply.ending = ending == nil ? .time : isCut ? .length : .answered
                if let problem = end.problem, !isCut { reply.ending = .malformed(problem) }
                return reply
            }
            observe(.calls(calls))
            let results = await tools.results(of: calls, limits, until: deadline)
            try Task.checkCancellation()
            observe(.results(results))
            reply.conversation.messages += results
            if ContinuousClock.now >= deadline {
                reply.ending = .time
                return reply
            }
        }
        return reply
    }

    private static func descriptions(_ tools: [JSONValue]) throws(ToolUseError) -> [ToolDescription] {
        do throws(RecordProblem) { return try ToolDescription.list(tools) } catch { throw .tools(error) }
    }

    private func constraint(
        _ format: ToolCallFormat, _ tools: [ToolDescription], _ choice: ToolChoice
    ) throws(ToolUseError) -> TokenConstraint? {
        guard !tools.isEmpty, let structure = format.structure(of: tools, choice) else { return nil }
        do throws(JSONSchemaError) {
            return try TokenConstraint(structure, tokens(markedFor: format))
        } catch {
            throw .schema(error)
        }
    }

    /// Nine letters and digits, which is the form that Mistral's templates ask for.
    private static func id(_ random: inout RandomSource) -> String {
        let characters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<9).map { _ in characters[random.integer(in: 0..<characters.count)] })
    }
}

extension ChatModel {
    /// The answer to a conversation by a model that may call tools; see ``ChatSession/reply(to:tools:choice:limits:format:sampling:maxTokens:using:observing:)``.
    ///
    /// ```swift
    /// let reply = try await chat.reply(to: conversation, tools: [weather], using: random)
    /// print(reply.text)
    /// ```
    public nonisolated(nonsending) func reply(
        to conversation: Conversation, tools: [Tool], choice: ToolChoice = .automatic,
        limits: ToolLimits = ToolLimits(), format: ToolCallFormat? = nil, sampling: Sampling = Sampling(),
        maxTokens: Int = .max, using random: RandomSource, observing observe: (ToolEvent) -> Void = { _ in }
    ) async throws -> ToolReply {
        try await ChatSession(self).reply(
            to: conversation, tools: tools, choice: choice, limits: limits, format: format,
            sampling: sampling,
            maxTokens: maxTokens, using: random, observing: observe)
    }
}
