import LanguageModel
import NeuralCore
import Testing

@Suite struct ContinuationTests {
    static let tokenizer: BytePairTokenizer = {
        var training = BytePairTraining()
        for word in [
            "the tree", "there, then", "caf\u{e9} na\u{ef}ve \u{1F600}\u{1F680}", "\u{65E5}\u{672C}\u{8A9E}",
        ] {
            training.add(word)
        }
        do {
            return try training.tokenizer(vocabularySize: 280)
        } catch {
            fatalError("\(error)")
        }
    }()

    static let model = {
        var random = RandomSource(seed: 5)
        var configuration = TransformerConfiguration(
            vocabularySize: 280, width: 32, depth: 2, heads: 2, feedForwardWidth: 64, contextLength: 4096)
        configuration.endOfSequence = [0]
        configuration.initializationScale = 0.3
        return Transformer(configuration, using: &random)
    }()

    func pieces(_ continuation: Continuation) async throws -> [GeneratedPiece] {
        var pieces: [GeneratedPiece] = []
        for try await piece in continuation { pieces.append(piece) }
        return pieces
    }

    @Test(arguments: [1, 2, 3, 4]) func thePiecesAreTheTextOfTheTokens(_ seed: UInt64) async throws {
        let pieces = try await pieces(
            Self.model.continuation(
                of: "the ", with: Self.tokenizer, maxTokens: 80, using: RandomSource(seed: seed)))
        let tokens = pieces.flatMap(\.tokens).map(\.token)
        let text = pieces.map(\.text).joined()
        #expect(text == Self.tokenizer.decode(tokens, skippingSpecialTokens: true))
        #expect(pieces.dropLast().allSatisfy { $0.ending == nil && !$0.text.isEmpty })
        #expect(pieces.last?.ending != nil)
        #expect(tokens.count == 80 || tokens.last == 0)
    }

    @Test func theSameSeedGivesTheSameTextEachTime() async throws {
        let continuation = Self.model.continuation(
            of: "th", with: Self.tokenizer, maxTokens: 30, using: RandomSource(seed: 8))
        #expect(try await pieces(continuation) == pieces(continuation))
    }

    @Test func aStopStringEndsTheTextBeforeIt() async throws {
        let random = RandomSource(seed: 2)
        let whole = try await pieces(
            Self.model.continuation(
                of: "a", with: Self.tokenizer, maxTokens: 60, stopTokens: [], using: random)
        ).map(\.text).joined()
        let stop = String(whole.dropFirst(20).prefix(3))
        let cut = try await pieces(
            Self.model.continuation(
                of: "a", with: Self.tokenizer, maxTokens: 60, stopTokens: [], stopStrings: [stop],
                using: random))
        #expect(cut.map(\.text).joined() == whole[..<whole.firstRange(of: stop)!.lowerBound])
        #expect(cut.last?.ending == .stopString)
    }

    @Test func alternativesAreTheLikeliestTokens() async throws {
        let pieces = try await pieces(
            Self.model.continuation(
                of: "tree", with: Self.tokenizer, sampling: .greedy, maxTokens: 12, stopTokens: [],
                alternatives: 5, using: RandomSource(seed: 0)))
        for token in pieces.flatMap(\.tokens) {
            #expect(token.alternatives.count == 5)
            #expect(token.alternatives[0].token == token.token)
            #expect(token.alternatives[0].logProbability == token.logProbability)
            #expect(
                zip(token.alternatives, token.alternatives.dropFirst()).allSatisfy {
                    $0.logProbability >= $1.logProbability
                })
        }
    }

    @Test func aCanceledTaskStops() async {
        let task = Task {
            var count = 0
            do {
                for try await _ in Self.model.continuation(
                    of: "x", with: Self.tokenizer, stopTokens: [], using: RandomSource(seed: 1))
                {
                    count += 1
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            } catch is CancellationError {
                return count
            } catch {}
            return -1
        }
        #expect(await task.value == 1)
    }

    @Test func whatCannotGoOnIsAnError() async {
        func failure(_ prompt: String, _ sampling: Sampling = Sampling(), _ model: Transformer) async
            -> GenerationError?
        {
            do {
                _ = try await pieces(
                    model.continuation(
                        of: prompt, with: Self.tokenizer, sampling: sampling, using: RandomSource(seed: 1)))
                return nil
            } catch { return error as? GenerationError }
        }
        var random = RandomSource(seed: 1)
        let small = Transformer(
            TransformerConfiguration(vocabularySize: 280, width: 16, depth: 1, heads: 1, contextLength: 8),
            using: &random)
        let foreign = Transformer(
            TransformerConfiguration(vocabularySize: 100, width: 16, depth: 1, heads: 1, contextLength: 8),
            using: &random)
        #expect(await failure("", Sampling(), small) == .emptyPrompt(number: 0))
        #expect(
            await failure("0123456789", Sampling(), small)
                == .promptTooLong(number: 0, tokens: 10, positions: 8))
        #expect(await failure("a", Sampling(), foreign) == .vocabulary(tokenizer: 280, model: 100))
        #expect(
            await failure("a", .topP(1.5), small) == .setting("top-p is 1.5; it is above 0 and at most 1"))
    }

    @Test func aLongPromptIsReadInPortions() {
        var random = RandomSource(seed: 4)
        let prompts = [2500, 3, 1200].map { count in
            (0..<count).map { _ in Int32(random.integer(in: 0..<280)) }
        }
        var decoding = Decoding(
            Self.model, prompts: prompts, samples: 2, sampling: .greedy, maxTokens: 4, using: random)
        while !decoding.isFinished { decoding.step() }
        for sequence in decoding.sequences {
            let prompt = prompts[sequence.prompt]
            let batch = TokenBatch(predicting: [prompt + sequence.tokens])
            let predictions = Self.model.predictions(on: batch)
            let expected = predictions.logProbabilities.scalars.suffix(4)
            #expect(predictions.hits.suffix(4).allSatisfy { $0 })
            for (found, expected) in zip(sequence.logProbabilities, expected) {
                #expect(abs(found - expected) < 1e-3)
            }
        }
    }
}
