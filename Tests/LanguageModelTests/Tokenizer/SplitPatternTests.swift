import Foundation
import LanguageModel
import Testing

@Suite struct SplitPatternTests {
    struct Case: Decodable {
        var text: String
        var gpt2, cl100k, o200k, llama3, qwen2, tekken: [Int]

        func lengths(_ pattern: SplitPattern) -> [Int] {
            switch pattern {
            case .gpt2: gpt2
            case .cl100k: cl100k
            case .o200k: o200k
            case .llama3: llama3
            case .qwen2: qwen2
            case .tekken: tekken
            }
        }
    }

    @Test(arguments: SplitPattern.allCases)
    func scannerCutsWhereTheExpressionDoes(pattern: SplitPattern) throws {
        for sample in try TokenizerData.fixture("splits.json", as: [Case].self) {
            let lengths = pattern.pieces(of: Array(sample.text.utf8)).map(\.count)
            #expect(lengths == sample.lengths(pattern), "\(sample.text.debugDescription)")
        }
    }

    @Test(arguments: SplitPattern.allCases)
    func piecesCoverAnyBytes(pattern: SplitPattern) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Array(pattern.pieces(of: bytes).joined()) == bytes)
        }
    }

    @Test(arguments: SplitPattern.allCases)
    func invalidByteIsASymbol(pattern: SplitPattern) {
        let pieces = pattern.pieces(of: Array("word".utf8) + [0xFF, 0xC3] + Array("123".utf8))
        #expect(pieces.prefix(2) == [Array("word".utf8), [0xFF, 0xC3]])
    }
}
