import Foundation
import LanguageModel
import NeuralCore
import Testing

/// Which layers slide, against transformers: `Fixtures/Windows/make_windows.py` says what was computed and how.
@Suite struct LayerWindowTests {
    /// The keys that say which layers slide, and the windows of transformers.
    struct Case: CustomTestStringConvertible, @unchecked Sendable {
        let family: String
        let name: String
        let changes: [String: Any]
        let windows: [Int?]
        var testDescription: String { "\(family), \(name)" }
    }

    static let cases: [Case] = {
        let list = (try? json("Windows/cases.json")) as? [[String: Any]] ?? []
        return list.map {
            Case(
                family: $0["family"] as? String ?? "", name: $0["name"] as? String ?? "",
                changes: $0["changes"] as? [String: Any] ?? [:],
                windows: ($0["windows"] as? [Any] ?? []).map { ($0 as? NSNumber)?.intValue })
        }
    }()

    private func windows(_ configuration: TransformerConfiguration) -> [Int?] {
        (0..<configuration.depth).map { configuration.window(ofLayer: $0) }
    }

    @Test func thereAreCases() { #expect(Self.cases.count == 45) }

    @Test(arguments: cases) func everyLayerHasItsWindowInTrainingAndInTheCache(_ reference: Case) throws {
        let file = try Checkpoint(fixture("Windows/expected.safetensors"))
        let tokens = try file.integers("tokens", as: Int32.self)
        let expected = try file.tensor("\(reference.family)/\(reference.name)")
        let model = try withModel(fixture("Windows/\(reference.family)"), changing: reference.changes) {
            try $0.transformer()
        }
        #expect(windows(model.configuration) == reference.windows)

        let rows = (tokens.count - 6..<tokens.count).map { Int32($0) }
        #expect(relativeError(logits(model, tokens).rows(at: rows), expected) < 1e-4)
        var recomputed = model
        recomputed.recomputesBlocks = true
        #expect(relativeError(logits(recomputed, tokens).rows(at: rows), expected) < 1e-4)

        // A step of generation reads the cache, and the prompt is read as a whole before.
        var decoding = Decoding(
            model, prompts: [Array(tokens.dropLast(3))], sampling: .greedy, maxTokens: 3,
            alternatives: model.configuration.vocabularySize, using: RandomSource(seed: 1))
        decoding.step()
        let expectedFirst = expected.logSoftmax().scalars[2 * 37..<3 * 37]
        for candidate in decoding.sequences[0].alternatives[0] {
            let wanted = expectedFirst[2 * 37 + Int(candidate.token)]
            #expect(abs(candidate.logProbability - wanted) < 1e-3)
        }
        while !decoding.isFinished { decoding.step() }
        let text = tokens.dropLast(3) + decoding.sequences[0].tokens
        let whole = logits(model, Array(text)).logSoftmax().scalars
        for (index, token) in decoding.sequences[0].tokens.enumerated() {
            let wanted = whole[(tokens.count - 4 + index) * 37 + Int(token)]
            #expect(abs(decoding.sequences[0].logProbabilities[index] - wanted) < 1e-3)
        }
    }

    @Test(arguments: cases) func whatIsWrittenSlidesAlike(_ reference: Case) throws {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try withModel(fixture("Windows/\(reference.family)"), changing: reference.changes) {
            try $0.transformer()
        }
        try ModelDirectory(folder).write(model)
        #expect(try ModelDirectory(folder).configuration() == model.configuration)
    }

    @Test(arguments: [TransformerConfiguration.Family.gpt2, .llama, .olmo2, .granite])
    func aWindowIsNotWrittenWhereTheFamilyHasNone(_ family: TransformerConfiguration.Family) throws {
        let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID())")
        var configuration = TransformerConfiguration(
            family: family, vocabularySize: 8, width: 8, depth: 1, heads: 1)
        configuration.slidingWindow = 4
        var random = RandomSource(seed: 1)
        let model = Transformer(configuration, using: &random)
        #expect(throws: ModelDirectoryError.self) { try ModelDirectory(folder).write(model) }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
}
