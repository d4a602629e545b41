import Foundation
import LanguageModel
import NeuralCore
import Serving
import Testing

/// What the tests ask of a small model with random weights.
enum TestModel {
    static let vocabulary = 257

    static func tokenizer() throws -> BytePairTokenizer {
        try BytePairTokenizer(trainedOn: ["a b c"], vocabularySize: vocabulary)
    }

    static func model(
        _ format: StoredMatrix.Format, _ precision: MatrixPrecision, contextLength: Int = 4096,
        keyValueHeads: Int = 2, family: TransformerConfiguration.Family = .qwen3
    ) -> StoredTransformer {
        var random = RandomSource(seed: 11)
        var model = Transformer(
            TransformerConfiguration(
                family: family, vocabularySize: vocabulary, width: 64, depth: 2, heads: 4,
                keyValueHeads: keyValueHeads, contextLength: contextLength), using: &random)
        model.precision = precision
        return StoredTransformer(model, as: format)
    }

    static func engine(
        _ format: StoredMatrix.Format = .float32, _ precision: MatrixPrecision = .float32,
        limits: ServingLimits = ServingLimits(), contextLength: Int = 4096,
        family: TransformerConfiguration.Family = .qwen3
    ) throws -> ServingEngine {
        let model = model(format, precision, contextLength: contextLength, family: family)
        return ServingEngine(model, try tokenizer(), limits: limits.patient)
    }

    /// Requests of many lengths, some with a beginning in common, several samples or scores of the prompt, or whose answers
    /// are values of a schema.
    static func requests(_ count: Int) throws -> [ServingRequest] {
        var random = RandomSource(seed: 5)
        let constraint = try TokenConstraint(
            JSONSchema(parsing: #"{"type":"object","additionalProperties":{"type":"integer"}}"#),
            TokenTrie(tokenizer()))
        let text = (0..<1_500).map { _ in Int32(random.integer(in: 0..<256)) }
        return (0..<count).map { index in
            let begin = index % 3 == 0 ? 0 : random.integer(in: 0..<200)
            let length = index % 16 == 0 ? 1_100 : random.integer(in: 1..<120)
            return ServingRequest(
                prompt: Array(text[begin..<begin + length]), samples: 1 + index % 5 / 3,
                options: GenerationOptions(
                    sampling: index % 4 == 0 ? .greedy : .topP(0.95, temperature: 0.9),
                    maxTokens: random.integer(in: 0..<24), stopTokens: [7], stopStrings: ["e"],
                    alternatives: index % 3, constraint: index % 8 == 5 ? constraint : nil),
                logitBias: index % 2 == 0 ? [9: 4] : [:], seed: UInt64(index), scoresPrompt: index % 7 == 3)
        }
    }
}

extension ServingLimits {
    /// These limits, with hours for a request where none of its own was set: a test may wait for all others.
    var patient: ServingLimits {
        var limits = self
        if requestTime == ServingLimits().requestTime { limits.requestTime = .seconds(86_400) }
        return limits
    }
}

/// What came of a request.
struct Served: Equatable {
    var reading: PromptReading?
    var pieces: [GeneratedPiece] = []

    /// What does not depend on what was known of the prompt.
    var answers: [[GeneratedPiece]] {
        Dictionary(grouping: pieces, by: \.sequence).sorted { $0.key < $1.key }.map(\.value)
    }

    init(_ events: AsyncStream<ServingEvent>) async {
        for await event in events {
            switch event {
            case .prompt(let reading): self.reading = reading
            case .piece(let piece): pieces.append(piece)
            }
        }
    }
}

@Suite struct ServingEngineTests {
    @Test(
        "A request gets the same tokens and bits alone and among sixty-three others",
        arguments: [
            (StoredMatrix.Format.float32, MatrixPrecision.float32, TransformerConfiguration.Family.qwen3),
            (.bfloat16, .bfloat16, .qwen3), (.int8, .bfloat16, .qwen3), (.int4, .float32, .qwen3),
            (.int4, .bfloat16, .qwen3), (.float32, .float32, .mixtral), (.int8, .bfloat16, .qwen3MoE),
        ])
    func company(
        format: StoredMatrix.Format, precision: MatrixPrecision, family: TransformerConfiguration.Family
    ) async throws {
        let requests = try TestModel.requests(64)
        let limits = ServingLimits(slots: 64, cacheFormat: format == .float32 ? .float32 : .bfloat16)
        let together = try TestModel.engine(format, precision, limits: limits, family: family)
        let streams = try requests.map { try together.events(of: $0) }
        for (request, stream) in zip(requests, streams) {
            let alone = try TestModel.engine(format, precision, limits: limits, family: family)
            let expected = await Served(try alone.events(of: request))
            let found = await Served(stream)
            #expect(found.answers == expected.answers, "seed \(request.seed)")
            #expect(found.reading?.scores == expected.reading?.scores)
            #expect(found.pieces.count { $0.ending != nil } == request.samples)
        }
        #expect(together.load.running == 0)
        #expect(together.load.promptTokensKnown > 0)
    }

    @Test("A request gets what it gets where texts are generated without an engine")
    func decoding() async throws {
        let model = TestModel.model(.bfloat16, .bfloat16)
        for request in try TestModel.requests(12)
        where request.logitBias.isEmpty && request.options.maxTokens > 0 {
            let served = await Served(
                try ServingEngine(model, TestModel.tokenizer(), limits: ServingLimits().patient).events(
                    of: request))
            var generation = try TextGeneration(
                model, TestModel.tokenizer(), prompts: [request.prompt], samples: request.samples,
                options: request.options, using: RandomSource(seed: request.seed))
            var pieces: [GeneratedPiece] = []
            while !generation.isFinished { pieces += generation.step() }
            #expect(served.pieces == pieces)
        }
    }

    @Test("Guessed tokens and their bits are those that come without, in company too")
    func guesses() async throws {
        // Greedy texts of a random model repeat themselves.
        var requests = try TestModel.requests(20)
        for index in requests.indices {
            requests[index].options.sampling = index % 2 == 0 ? .greedy : .topK(2, temperature: 0.05)
            requests[index].options.maxTokens = 10 * index
            requests[index].options.stopTokens = []
            requests[index].options.stopStrings = index % 5 == 0 ? ["abc"] : []
        }
        let engine = try TestModel.engine(.bfloat16, .bfloat16, limits: ServingLimits(slots: 6))
        let streams = try requests.map { try engine.events(of: $0) }
        for (request, stream) in zip(requests, streams) {
            var plain = request
            plain.options.guessesTokens = false
            let alone = try TestModel.engine(.bfloat16, .bfloat16)
            let expected = await Served(try alone.events(of: plain))
            #expect(alone.load.tokensGuessed == 0)
            #expect(await Served(stream).answers == expected.answers, "seed \(request.seed)")
        }
        #expect(engine.load.tokensGuessed > 0)
    }

    @Test("A prompt's scores are those of its tokens when they are generated")
    func scores() async throws {
        let engine = try TestModel.engine()
        var request = ServingRequest(
            prompt: [1, 2, 3],
            options: GenerationOptions(sampling: .greedy, maxTokens: 80, stopTokens: [], alternatives: 2),
            scoresPrompt: true)
        let generated = await Served(try engine.events(of: request)).pieces.flatMap(\.tokens)
        request.prompt += generated.map(\.token)
        request.options.maxTokens = 0
        let read = await Served(try engine.events(of: request))
        let scores = try #require(read.reading).scores
        #expect(scores.map(\.token) == Array(request.prompt.dropFirst()))
        for (score, token) in zip(scores.dropFirst(2), generated) {
            #expect(abs(score.logProbability - token.logProbability) < 1e-5)
            #expect(score.alternatives.map(\.token) == token.alternatives.map(\.token))
        }
        #expect(read.pieces.map(\.ending) == [.length])
    }

    @Test(
        "A loop that is left, or whose task is canceled, gives its slot to the next request",
        arguments: [false, true])
    func leaving(byCanceling cancels: Bool) async throws {
        let engine = try TestModel.engine(limits: ServingLimits(slots: 1), contextLength: 1_000_000)
        let long = ServingRequest(
            prompt: [1], options: GenerationOptions(sampling: .greedy, maxTokens: 900_000, stopTokens: []))
        var short = long
        short.options.maxTokens = 3
        let waiting = try await Task { () throws -> AsyncStream<ServingEvent> in
            let stream = try engine.events(of: long)
            let waiting = try engine.events(of: short)
            // With a piece in the stream the loop below never gives its thread to the tests that wait for one.
            while engine.load.tokensGenerated == 0 { usleep(1_000) }
            #expect(engine.load.running == 1)
            for await event in stream {
                guard case .piece = event else { continue }
                guard cancels else { break }
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return waiting
        }.value
        let served = await Served(waiting)
        #expect(served.pieces.flatMap(\.tokens).count == 3)
        #expect(engine.load.tokensGenerated < 900_000)
        #expect(engine.load.canceled == 1)
        #expect(engine.load.running == 0)
    }

    @Test("What cannot be served is refused, and nobody waits beyond the limit")
    func refusals() async throws {
        let limits = ServingLimits(slots: 2, waiting: 1)
        let engine = try TestModel.engine(limits: limits, contextLength: 64)
        func refusal(_ request: ServingRequest) -> ServingError? {
            do throws(ServingError) { _ = try engine.events(of: request) } catch { return error }
            return nil
        }
        let plain = GenerationOptions(maxTokens: 1)
        #expect(refusal(ServingRequest(prompt: [])) == .request(.emptyPrompt(number: 0)))
        #expect(
            refusal(ServingRequest(prompt: Array(repeating: 1, count: 64), options: plain))
                == .request(.promptTooLong(number: 0, tokens: 64, positions: 64)))
        #expect(refusal(ServingRequest(prompt: [1], samples: 3)) == .tooManySamples(requested: 3, most: 2))
        for request in [
            ServingRequest(prompt: [257]), ServingRequest(prompt: [-1]),
            ServingRequest(prompt: [1], samples: 0),
            ServingRequest(prompt: [1], options: GenerationOptions(sampling: Sampling(temperature: -1))),
        ] {
            guard case .request(.setting)? = refusal(request) else {
                Issue.record("\(request) was taken in")
                continue
            }
        }
        #expect(engine.load.requests == 0)
        await engine.close()
        #expect(refusal(ServingRequest(prompt: [1], options: plain)) == .closing)
    }

    @Test("A request whose time is over ends with what it has, and one that has waited so long with nothing")
    func overdue() async throws {
        // On a busy machine even the first may wait for longer than a short time.
        for time in [Duration.milliseconds(300), .seconds(3), .seconds(30), .seconds(300)] {
            let limits = ServingLimits(slots: 2, requestTime: time)
            let engine = try TestModel.engine(limits: limits, contextLength: 1_000_000)
            let request = ServingRequest(
                prompt: [1], samples: 2,
                options: GenerationOptions(sampling: .greedy, maxTokens: 900_000, stopTokens: []))
            let begin = ContinuousClock.now
            let (first, second) = try (engine.events(of: request), engine.events(of: request))
            let (running, waited) = await (Served(first), Served(second))
            #expect(running.pieces.compactMap(\.ending) == [.length, .length])
            #expect(waited.pieces.map(\.ending) == [.length, .length])
            #expect(waited.reading == nil || waited.pieces.count == 2)
            #expect(ContinuousClock.now - begin >= time)
            #expect(engine.load.running == 0 && engine.load.waiting == 0)
            let generated = running.pieces.reduce(0) { $0 + $1.tokens.count }
            #expect(generated == engine.load.tokensGenerated)
            await engine.close()
            if running.reading != nil && generated > 0 { return }
        }
        Issue.record("nothing was generated in five minutes")
    }

    @Test("Closing waits for those that are served")
    func closing() async throws {
        let engine = try TestModel.engine(limits: ServingLimits(slots: 1, waiting: 2))
        let request = ServingRequest(
            prompt: [1], options: GenerationOptions(sampling: .greedy, maxTokens: 300, stopTokens: []))
        let streams = try [engine.events(of: request), engine.events(of: request)]
        await engine.close()
        #expect(engine.load.tokensGenerated == 600)
        for stream in streams {
            #expect(await Served(stream).pieces.flatMap(\.tokens).count == 300)
        }
    }

    @Test("A prompt whose beginning is known gets the bits that it gets without")
    func knownBeginnings() async throws {
        var random = RandomSource(seed: 7)
        let text = (0..<2_400).map { _ in Int32(random.integer(in: 0..<256)) }
        func request(_ length: Int) -> ServingRequest {
            ServingRequest(
                prompt: Array(text[..<length]), options: GenerationOptions(maxTokens: 4, stopTokens: []),
                seed: 3)
        }
        let lengths = [
            (40, 60), (100, 130), (130, 400), (256, 273), (270, 300), (600, 1_020), (1_030, 1_100),
            (1_040, 2_060),
        ]
        for (first, second) in lengths {
            // With as many key heads as heads, a block of attention has more rows than are read of a short end.
            let model = TestModel.model(.float32, .float32, keyValueHeads: 4)
            let engine = ServingEngine(model, try TestModel.tokenizer(), limits: ServingLimits().patient)
            _ = await Served(try engine.events(of: request(first)))
            let known = await Served(try engine.events(of: request(second)))
            let fresh = await Served(
                try ServingEngine(model, TestModel.tokenizer(), limits: ServingLimits().patient).events(
                    of: request(second)))
            #expect(known.pieces == fresh.pieces, "\(first), \(second)")
            #expect(try #require(known.reading).tokensKnown > 0, "\(first), \(second)")
        }
    }

    @Test("Memory of prompts stays within its bound, and what is used is kept")
    func prefixes() async throws {
        // Keys and values of a token: 2 blocks, 32 channels, 4 bytes each.
        let bytes = 2 * 2 * 32 * 4
        let engine = try TestModel.engine(limits: ServingLimits(prefixBytes: 1_000 * bytes))
        func known(_ first: Int32) async throws -> Int {
            let request = ServingRequest(
                prompt: (0..<400).map { ($0 + first) % 256 }, options: GenerationOptions(maxTokens: 0))
            return try #require(await Served(try engine.events(of: request)).reading).tokensKnown
        }
        #expect(try await known(0) == 0)
        #expect(try await known(1) == 0)
        #expect(try await known(0) > 0)
        // Of three, the one that was not used for longest is forgotten.
        #expect(try await known(2) == 0)
        #expect(try await known(0) > 0)
        #expect(try await known(1) == 0)
    }
}
