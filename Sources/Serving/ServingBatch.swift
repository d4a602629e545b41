import LanguageModel
import NeuralCore

/// Requests that are served together, each joining and leaving between two tokens of the others.
///
/// The answer to a request does not depend on the others: its prompt is read by itself, in the portions in which it would
/// be read alone, and the rows of tokens that are computed together are independent of each other.
struct ServingBatch {
    private let model: StoredTransformer
    private let tokenizer: BytePairTokenizer
    private let format: KeyRows.Format
    private var prefixes: PrefixCache
    private var members: [Member] = []
    /// Those of all members, by the numbers that they have of them.
    private var caches: [KeyValueCache] = []
    private var unusedCaches: [Int] = []
    /// Tokens that had been guessed, and were tried together with the one before.
    private(set) var tokensGuessed = 0

    /// A request that is being served.
    private struct Member {
        let id: Int
        let request: ServingRequest
        let deadline: ContinuousClock.Instant
        let cache: Int
        var reading: PromptReading
        /// The normalized output of the last block for the prompt's last token, from when it is read to the first draw.
        var end: Tensor?
        var isRead = false
        var sequences: [Sequence]
        /// Whether all of them have ended.
        var hasEnded: Bool { sequences.allSatisfy(\.hasEnded) }
    }

    /// A continuation.
    private struct Sequence {
        let cache: Int
        var sampler: TokenSampler
        var assembly: TextAssembly
        /// Guesses its tokens; nil where none are.
        var lookup: PromptLookup?
        var count = 0
        var last: Int32 = 0
        var hasEnded = false
    }

    /// An event of a request.
    struct Event {
        let id: Int
        let kind: Kind

        enum Kind {
            /// The prompt, with this number of tokens, has been read.
            case prompt(PromptReading, tokens: Int)
            /// The next piece of a continuation.
            case piece(GeneratedPiece)
            /// All continuations have ended, and the request has left.
            case end
        }
    }

    /// The place of a continuation.
    private struct Place {
        let member: Int
        let sequence: Int
    }

    init(_ model: StoredTransformer, _ tokenizer: BytePairTokenizer, _ limits: ServingLimits) {
        self.model = model
        self.tokenizer = tokenizer
        format = limits.cacheFormat
        prefixes = PrefixCache(capacity: limits.prefixBytes)
    }

    /// Whether there are no requests.
    var isEmpty: Bool { members.isEmpty }

    /// Continuations that have not ended.
    var count: Int { members.reduce(0) { $0 + $1.sequences.count { !$0.hasEnded } } }

    /// Takes in a request, whose events have this number, and which ends by the deadline.
    mutating func join(_ request: ServingRequest, as id: Int, until deadline: ContinuousClock.Instant) {
        let configuration = model.configuration
        let known =
            request.scoresPrompt ? nil : prefixes.beginning(of: request.prompt, for: configuration, format)
        let reading = PromptReading(tokensKnown: known?.count ?? 0, scores: [])
        let cache = place(
            known ?? KeyValueCache(for: configuration, capacity: request.prompt.count, format: format))
        let ends = stopTokens(of: request)
        let thinking = request.options.thinking.map {
            ThinkingState($0, tokenizer, prompt: request.prompt)
        }
        var random = RandomSource(seed: request.seed)
        let sequences = (0..<request.samples).map { _ in
            Sequence(
                cache: place(
                    KeyValueCache(
                        for: configuration, at: request.prompt.count,
                        capacity: max(1, min(request.options.maxTokens, 64)), format: format)),
                sampler: TokenSampler(
                    request.options.sampling, prompt: request.prompt, bias: request.logitBias,
                    constraint: request.options.constraint, ends: ends, thinking: thinking,
                    using: random.split()),
                assembly: TextAssembly(tokenizer, prompt: request.prompt, request.options),
                lookup: request.options.guessesTokens && request.samples == 1
                    ? PromptLookup(prompt: request.prompt) : nil)
        }
        members.append(
            Member(
                id: id, request: request, deadline: deadline, cache: cache, reading: reading,
                sequences: sequences))
    }

    /// Lets a request go, whether or not it has been served.
    mutating func leave(_ id: Int) {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return }
        let member = members.remove(at: index)
        for cache in [member.cache] + member.sequences.map(\.cache) {
            caches[cache].removeAll()
            unusedCaches.append(cache)
        }
    }

    /// Keeps a cache, and gives its number.
    private mutating func place(_ cache: KeyValueCache) -> Int {
        guard let number = unusedCaches.popLast() else {
            caches.append(cache)
            return caches.count - 1
        }
        caches[number] = cache
        return number
    }

    /// Reads a portion of one prompt, and draws the next token of every continuation whose prompt is read.
    ///
    /// - Returns: The events by request. A request whose continuations have all ended is removed.
    mutating func step() -> [Event] {
        var events = endOverdue()
        if let index = members.firstIndex(where: { !$0.isRead && !$0.hasEnded }), readPortion(of: index) {
            let member = members[index]
            events.append(
                Event(id: member.id, kind: .prompt(member.reading, tokens: member.request.prompt.count)))
            if member.request.options.maxTokens == 0 {
                events += member.sequences.indices.map { end(Place(member: index, sequence: $0)) }
            }
        }
        let going = members.indices.flatMap { member in
            members[member].sequences.indices.filter { !members[member].sequences[$0].hasEnded }
                .map { Place(member: member, sequence: $0) }
        }
        let first = going.filter { members[$0.member].end != nil }
        let further = going.filter { members[$0.member].isRead && members[$0.member].end == nil }
        if !first.isEmpty {
            events += draw(first, trying: Array(repeating: [], count: first.count), from: ends(of: first))
        }
        for place in first { members[place.member].end = nil }
        if !further.isEmpty {
            let guesses = guesses(further)
            events += draw(further, trying: guesses, from: advance(further, trying: guesses))
        }
        for member in members where member.hasEnded {
            leave(member.id)
            events.append(Event(id: member.id, kind: .end))
        }
        return events
    }

    /// Ends the continuations of requests whose time is over.
    private mutating func endOverdue() -> [Event] {
        let now = ContinuousClock.now
        let overdue = members.indices.filter { members[$0].deadline <= now }
        return overdue.flatMap { member in
            members[member].sequences.indices.filter { !members[member].sequences[$0].hasEnded }
                .map { end(Place(member: member, sequence: $0)) }
        }
    }
}

// MARK: - Prompts

extension ServingBatch {
    /// Reads the next tokens of a prompt.
    ///
    /// - Returns: Whether that was all of it.
    private mutating func readPortion(of index: Int) -> Bool {
        let (prompt, cache) = (members[index].request.prompt, members[index].cache)
        let begin = caches[cache].count
        let before = begin % PromptCache.portion
        let end = min(prompt.count, begin + PromptCache.portion - before)
        let rows = [CachedRows(0..<end - begin, in: cache)]
        let hidden = model(
            Array(prompt[begin..<end]), at: (begin..<end).map { Int32($0) }, appending: rows, seeing: rows,
            caches: &caches, rowsBefore: before)
        if members[index].request.scoresPrompt {
            members[index].reading.scores += scores(
                of: prompt[(begin + 1)..<min(end + 1, prompt.count)], from: hidden,
                alternatives: members[index].request.options.alternatives)
        }
        guard end == prompt.count else { return false }
        members[index].isRead = true
        members[index].end = hidden.rows(at: [Int32(end - begin - 1)])
        prefixes.keep(PromptCache(tokens: prompt, cache: caches[cache]))
        return true
    }

    /// Log-probabilities of tokens, each after the row that predicts it.
    private func scores(
        of tokens: ArraySlice<Int32>, from hidden: Tensor, alternatives: Int
    ) -> [GeneratedToken] {
        // The number of rows whose logits are held at a time.
        let portion = 64
        let tokens = Array(tokens)
        return stride(from: 0, to: tokens.count, by: portion).flatMap { begin in
            let rows = begin..<min(begin + portion, tokens.count)
            let logits = model.logits(of: hidden.rows(at: rows.map { Int32($0) })).logSoftmax()
            return GeneratedToken.scored(
                Array(tokens[rows]), logProbabilities: logits, alternatives: alternatives)
        }
    }

    /// The logits for the first tokens of continuations.
    private func ends(of places: [Place]) -> Tensor {
        let rows = places.flatMap { members[$0.member].end!.scalars }
        return model.logits(of: Tensor(rows, shape: [places.count, model.configuration.width]))
    }
}

// MARK: - Continuations

extension ServingBatch {
    /// Guesses the next tokens of continuations, as many as are worth trying at once.
    private func guesses(_ places: [Place]) -> [[Int32]] {
        var room = PromptLookup.mostRows - places.count
        return places.map { place in
            let member = members[place.member]
            let sequence = member.sequences[place.sequence]
            let length = member.request.prompt.count + sequence.count
            let left = min(
                member.request.options.maxTokens - sequence.count,
                model.configuration.contextLength - length)
            let guesses =
                sequence.lookup?.next(atMost: min(room, left - 1), ends: stopTokens(of: member.request)) ?? []
            room -= guesses.count
            return guesses
        }
    }

    /// Runs the tokens drawn last and the guesses behind them, and gives the logits for the next.
    private mutating func advance(_ places: [Place], trying guesses: [[Int32]]) -> Tensor {
        var rows = AdvancingRows()
        for (place, guesses) in zip(places, guesses) {
            let member = members[place.member]
            let sequence = member.sequences[place.sequence]
            rows.append(
                sequence.last, guesses, at: member.request.prompt.count + sequence.count - 1,
                prompt: member.cache, own: sequence.cache)
        }
        return model.logits(of: rows.run(model, &caches))
    }

    /// Draws tokens from the logits, and forgets the keys and values of wrong guesses.
    private mutating func draw(
        _ places: [Place], trying guesses: [[Int32]], from logits: Tensor
    ) -> [Event] {
        var draws = zip(places, guesses).map { place, guesses in
            let member = members[place.member]
            return TokenDraw(
                member.sequences[place.sequence].sampler, guesses: guesses,
                alternatives: member.request.options.alternatives)
        }
        TokenDraw.draw(&draws, from: logits)
        return zip(zip(places, guesses), draws).flatMap { take($1, at: $0.0, guessed: $0.1.count) }
    }

    /// Takes in the tokens drawn for a continuation, as far as it goes on.
    private mutating func take(_ draw: TokenDraw, at place: Place, guessed: Int) -> [Event] {
        var events: [Event] = []
        members[place.member].sequences[place.sequence].sampler = draw.sampler
        members[place.member].sequences[place.sequence].lookup?
            .append(draw.tokens.map(\.token), guessed: guessed)
        tokensGuessed += draw.tokens.count - 1
        for (number, token) in draw.tokens.enumerated() {
            members[place.member].sequences[place.sequence].last = token.token
            members[place.member].sequences[place.sequence].count += 1
            if let piece = append(token, at: place, isLast: number == draw.tokens.count - 1) {
                events.append(Event(id: members[place.member].id, kind: .piece(piece)))
            }
            if members[place.member].sequences[place.sequence].hasEnded { return events }
        }
        if guessed > 0 {
            let sequence = members[place.member].sequences[place.sequence]
            caches[sequence.cache].truncate(to: sequence.count - 1)
        }
        return events
    }

    private func stopTokens(of request: ServingRequest) -> Set<Int32> {
        request.options.stopTokens ?? Set(model.configuration.endOfSequence)
    }

    /// Takes in a token, and ends the continuation where it must.
    ///
    /// - Parameter isLast: Whether it is the last that was drawn.
    private mutating func append(
        _ token: GeneratedToken, at place: Place, isLast: Bool
    ) -> GeneratedPiece? {
        let request = members[place.member].request
        let count = members[place.member].sequences[place.sequence].count
        var ending: Decoding.Ending?
        if stopTokens(of: request).contains(token.token) {
            ending = .stopToken
        } else if isLast, members[place.member].sequences[place.sequence].sampler.isFinished {
            ending = .complete
        } else if count >= request.options.maxTokens
            || request.prompt.count + count >= model.configuration.contextLength
        {
            ending = .length
        }
        let piece = members[place.member].sequences[place.sequence].assembly
            .append(token, of: place.sequence, ending: ending)
        if piece?.ending != nil { forget(place) }
        return piece
    }

    /// Ends a continuation that gets no further token.
    private mutating func end(_ place: Place) -> Event {
        let piece = members[place.member].sequences[place.sequence].assembly
            .end(place.sequence, because: .length)
        forget(place)
        return Event(id: members[place.member].id, kind: .piece(piece))
    }

    private mutating func forget(_ place: Place) {
        members[place.member].sequences[place.sequence].hasEnded = true
        caches[members[place.member].sequences[place.sequence].cache].removeAll()
    }
}
