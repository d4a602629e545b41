internal import Dispatch
public import LanguageModel
public import NeuralCore
internal import Synchronization

/// The limits on concurrent and waiting requests, and on cached prompts.
public struct ServingLimits: Sendable, Hashable {
    /// Continuations that are generated together.
    public var slots: Int
    /// Requests that wait for a slot.
    public var waiting: Int
    /// Bytes of keys and values that are kept of prompts, for others that begin alike.
    public var prefixBytes: Int
    /// The storage format of keys and values.
    public var cacheFormat: KeyRows.Format
    /// The most time of a request from when it is taken in; it ends then with what has been generated, as one that has
    /// reached its most tokens.
    public var requestTime: Duration

    /// Limits, of which the defaults suit a small model on a small machine.
    public init(
        slots: Int = 16, waiting: Int = 256, prefixBytes: Int = 256 << 20,
        cacheFormat: KeyRows.Format = .float32, requestTime: Duration = .seconds(600)
    ) {
        self.slots = slots
        self.waiting = waiting
        self.prefixBytes = prefixBytes
        self.cacheFormat = cacheFormat
        self.requestTime = requestTime
    }
}

/// Counts of an engine's past and current work.
public struct ServingLoad: Sendable, Hashable {
    /// Requests that are being served.
    public var running = 0
    /// Requests that wait for a slot.
    public var waiting = 0
    /// Requests that were taken in since the beginning.
    public var requests = 0
    /// Requests whose client went away before they had ended.
    public var canceled = 0
    /// Tokens of prompts that were read.
    public var promptTokensRead = 0
    /// Tokens of prompts that were known from others.
    public var promptTokensKnown = 0
    /// Tokens that were generated.
    public var tokensGenerated = 0
    /// Those of them that had been guessed, and were tried together with the one before.
    public var tokensGuessed = 0
}

/// A model that serves many at once.
///
/// ```swift
/// let engine = ServingEngine(StoredTransformer(chat.model, as: .bfloat16), chat.tokenizer)
/// let request = ServingRequest(prompt: try chat.format.prompt(conversation), seed: 1)
/// for await event in try engine.events(of: request) {
///     if case .piece(let piece) = event { print(piece.text, terminator: "") }
/// }
/// ```
///
/// Requests join those being served and leave them between two tokens. **The same request with the same seed gets the same
/// tokens and log-probabilities, to the bit, whoever else is being served**, and those that `Decoding` gives it alone. A
/// loop over events that is left, or whose task is canceled, ends its request within a step. The work is done on a queue
/// of the engine's own.
public final class ServingEngine: Sendable {
    /// The engine's limits.
    public let limits: ServingLimits
    /// The configuration of the model.
    public let configuration: TransformerConfiguration
    private let tokenizer: BytePairTokenizer
    private let queue = DispatchQueue(label: "serving")
    private let state = Mutex(State())
    /// Touched on the queue only.
    private let batch: Mutex<ServingBatch>

    private struct State {
        var load = ServingLoad()
        var arrivals: [Arrival] = []
        var streams: [Int: AsyncStream<ServingEvent>.Continuation] = [:]
        var departures: [Int] = []
        var isWorking = false
        var isClosing = false
        var closed: [CheckedContinuation<Void, Never>] = []
    }

    private struct Arrival {
        let id: Int
        let request: ServingRequest
        let deadline: ContinuousClock.Instant
    }

    /// An engine that serves a model.
    ///
    /// - Parameters:
    ///   - model: The language model.
    ///   - tokenizer: The model's.
    ///   - limits: How much is served together, waits and is remembered.
    public init(
        _ model: StoredTransformer, _ tokenizer: BytePairTokenizer, limits: ServingLimits = ServingLimits()
    ) {
        self.limits = limits
        configuration = model.configuration
        self.tokenizer = tokenizer
        batch = Mutex(ServingBatch(model, tokenizer, limits))
    }

    /// Counts of the engine's past and current work.
    public var load: ServingLoad { state.withLock { $0.load } }

    /// Serves a request.
    ///
    /// - Returns: Its events. The stream ends with the last continuation.
    /// - Throws: ``ServingError`` where too many wait, or the request cannot be served.
    public func events(of request: ServingRequest) throws(ServingError) -> AsyncStream<ServingEvent> {
        if let objection = objection(to: request) { throw objection }
        let (stream, continuation) = AsyncStream.makeStream(of: ServingEvent.self)
        let id = try state.withLock { state throws(ServingError) in
            if state.isClosing { throw .closing }
            guard state.load.waiting < limits.waiting else { throw .busy(waiting: state.load.waiting) }
            state.load.requests += 1
            state.load.waiting += 1
            let id = state.load.requests
            state.arrivals.append(
                Arrival(id: id, request: request, deadline: .now + limits.requestTime))
            state.streams[id] = continuation
            return id
        }
        continuation.onTermination = { [weak self] reason in
            if case .cancelled = reason { self?.cancel(id) }
        }
        work()
        return stream
    }

    /// Takes no more requests, and returns when all that were taken in have been served.
    public func close() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                state.isClosing = true
                if state.isWorking { state.closed.append(continuation) }
                return !state.isWorking
            }
            if isDone { continuation.resume() }
        }
    }

    /// Ends all requests at once; their streams end without an ending of their continuations.
    public func cancelAll() {
        for (id, stream) in state.withLock({ $0.streams }) {
            cancel(id)
            stream.finish()
        }
    }

    private func cancel(_ id: Int) {
        state.withLock { state in
            guard state.streams.removeValue(forKey: id) != nil else { return }
            state.load.canceled += 1
            if let index = state.arrivals.firstIndex(where: { $0.id == id }) {
                state.arrivals.remove(at: index)
                state.load.waiting -= 1
            } else {
                state.departures.append(id)
            }
        }
    }

    /// Returns the error in a request, if there is one.
    private func objection(to request: ServingRequest) -> ServingError? {
        if request.prompt.isEmpty { return .request(.emptyPrompt(number: 0)) }
        if let token = request.prompt.first(where: { !(0..<configuration.vocabularySize).contains(Int($0)) })
        {
            return .request(
                .setting("the prompt has token \(token); the model has \(configuration.vocabularySize)"))
        }
        if request.prompt.count > configuration.contextLength
            || request.options.maxTokens > 0 && request.prompt.count == configuration.contextLength
        {
            return .request(
                .promptTooLong(
                    number: 0, tokens: request.prompt.count, positions: configuration.contextLength))
        }
        if let objection = request.options.objection(tokenizer) { return .request(.setting(objection)) }
        if tokenizer.vocabularySize > configuration.vocabularySize {
            return .request(
                .vocabulary(
                    tokenizer: tokenizer.vocabularySize, model: configuration.vocabularySize))
        }
        guard request.samples > 0, request.options.maxTokens >= 0, request.options.alternatives >= 0 else {
            return .request(
                .setting(
                    "\(request.samples) samples of \(request.options.maxTokens) tokens with "
                        + "\(request.options.alternatives) alternatives"))
        }
        if request.samples > limits.slots {
            return .tooManySamples(requested: request.samples, most: limits.slots)
        }
        return nil
    }
}

// MARK: - Working

extension ServingEngine {
    /// Begins to work, if nobody does.
    private func work() {
        let begins = state.withLock { state in
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if begins { queue.async { self.workUntilDone() } }
    }

    private func workUntilDone() {
        batch.withLock { batch in
            while takeIn(&batch) {
                passOn(batch.step())
                state.withLock { $0.load.tokensGuessed = batch.tokensGuessed }
            }
        }
    }

    /// Lets requests go and join between two steps.
    ///
    /// - Returns: Whether there is anything to do.
    private func takeIn(_ batch: inout ServingBatch) -> Bool {
        endOverdue()
        let (isDone, closed) = state.withLock { state in
            for id in state.departures {
                batch.leave(id)
                state.load.running -= 1
            }
            state.departures.removeAll()
            while let next = state.arrivals.first, batch.count + next.request.samples <= limits.slots {
                state.arrivals.removeFirst()
                batch.join(next.request, as: next.id, until: next.deadline)
                state.load.waiting -= 1
                state.load.running += 1
            }
            guard batch.isEmpty, state.arrivals.isEmpty else {
                return (false, [CheckedContinuation<Void, Never>]())
            }
            state.isWorking = false
            defer { state.closed.removeAll() }
            return (true, state.closed)
        }
        for continuation in closed { continuation.resume() }
        return !isDone
    }

    /// Ends the requests that have waited for all of their time.
    private func endOverdue() {
        let now = ContinuousClock.now
        let overdue = state.withLock { state in
            let overdue = state.arrivals.filter { $0.deadline <= now }
            guard !overdue.isEmpty else { return [(Arrival, AsyncStream<ServingEvent>.Continuation)]() }
            state.arrivals.removeAll { $0.deadline <= now }
            state.load.waiting -= overdue.count
            return overdue.compactMap { arrival in
                state.streams.removeValue(forKey: arrival.id).map { (arrival, $0) }
            }
        }
        for (arrival, stream) in overdue {
            for sample in 0..<arrival.request.samples {
                stream.yield(
                    .piece(GeneratedPiece(sequence: sample, text: "", tokens: [], ending: .length)))
            }
            stream.finish()
        }
    }

    /// Passes on what has come of requests, and ends the streams of those that have been served.
    private func passOn(_ events: [ServingBatch.Event]) {
        for event in events {
            let stream = state.withLock { state in
                switch event.kind {
                case .prompt(let reading, let count):
                    state.load.promptTokensKnown += reading.tokensKnown
                    state.load.promptTokensRead += count - reading.tokensKnown
                case .piece(let piece): state.load.tokensGenerated += piece.tokens.count
                case .end:
                    // A request that was canceled in this step has left already.
                    state.load.running -= 1
                    state.departures.removeAll { $0 == event.id }
                    return state.streams.removeValue(forKey: event.id)
                }
                return state.streams[event.id]
            }
            switch event.kind {
            case .prompt(let reading, _): stream?.yield(.prompt(reading))
            case .piece(let piece): stream?.yield(.piece(piece))
            case .end: stream?.finish()
            }
        }
    }
}
