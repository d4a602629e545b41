import LanguageModel
import Testing

/// Two things that are brought together are compared before work begins.
@Suite struct MisfitTests {
    private func configuration(_ family: TransformerConfiguration.Family) -> TransformerConfiguration {
        TransformerConfiguration(
            family: family, vocabularySize: 270, width: 16, depth: 1, heads: 1, contextLength: 32)
    }

    private func tokenizer(_ texts: [String], vocabularySize: Int) throws -> BytePairTokenizer {
        try BytePairTokenizer(trainedOn: texts, vocabularySize: vocabularySize)
    }

    @Test(arguments: [TransformerConfiguration.Family.gpt2, .llama])
    func textsEndWhereTheModelDoes(family: TransformerConfiguration.Family) throws {
        #expect(throws: MisfitError.positions(context: 33, model: 32, name: "x")) {
            try configuration(family).check(context: 33, name: "x")
        }
        #expect(throws: Never.self) { try configuration(family).check(context: 32, name: "x") }
    }

    @Test func aTokenizerMayBeSmallerAndNotLarger() throws {
        let text = (0..<100).map { "the lamp room is at the top, \($0)" }
        let (small, large) = (
            try tokenizer(text, vocabularySize: 265), try tokenizer(text, vocabularySize: 275)
        )
        #expect(throws: Never.self) { try configuration(.llama).check(small, name: "x") }
        #expect(throws: MisfitError.vocabulary(tokenizer: 275, model: 270, name: "x")) {
            try configuration(.llama).check(large, name: "x")
        }
        #expect(throws: Never.self) { try small.check(large, name: "x") }
        let other = try tokenizer(["zzzz zzzz zzzz yyyy yyyy"], vocabularySize: 262)
        #expect(throws: MisfitError.self) { try small.check(other, name: "x") }
    }
}
