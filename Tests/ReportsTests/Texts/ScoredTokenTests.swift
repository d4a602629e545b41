import Foundation
import Reports
import Testing

@Suite struct ScoredTokenTests {
    @Test func partsOfACharacterGoTogether() {
        let dash = Array("—".utf8)
        let pieces: [(bytes: [UInt8], probability: Double?)] = [
            (Array("so ".utf8), 0.5), ([dash[0]], 0.5), ([dash[1]], 0.5), ([dash[2]], 0.5),
            (Array("é!".utf8), 0.25),
        ]
        let expected = [
            ScoredToken("so ", probability: 0.5), ScoredToken("—", probability: 0.125),
            ScoredToken("é!", probability: 0.25),
        ]
        #expect(ScoredToken.tokens(pieces) == expected)
    }

    @Test(
        arguments: [[0xE2], [0xE2, 0x80], [0xFF], [0x80, 0x80, 0x80, 0x80], [0xC0, 0x41], []] as [[UInt8]])
    func brokenTextLosesNoToken(bytes: [UInt8]) {
        let pieces = bytes.map { (bytes: [$0], probability: Double?.none) }
        #expect(ScoredToken.tokens(pieces).map(\.text).joined() == String(decoding: bytes, as: UTF8.self))
    }

    /// A figure is no text of the sentence, which is read out as a whole, and stands in a list that opens by touch or key.
    @Test func figuresStandBesideTheSentence() throws {
        let tokens = [ScoredToken("So ", probability: 1), ScoredToken("be\nit", probability: 0.25)]
        let transcript = Transcript(model: "DPO", turns: [.init("assistant", tokens: tokens)])
        let page = Report(title: "", sections: [Section("", [.comparison(Comparison("", [transcript]))])])
            .html
        let parts = page.components(separatedBy: "<details>")
        try #require(parts.count == 2)
        #expect(parts[0].contains("data-p=\"25.0\u{202F}%\">be\nit</span>") && !parts[0].contains("<small>"))
        #expect(!page.contains("title=\"25") && !page.contains("tabindex"))
        #expect(
            parts[1].contains(
                "<summary>Probabilities<span class=\"unseen\"> of the tokens of DPO</span></summary>"))
        #expect(parts[1].contains("<bdi>be↵it</bdi> <small>25.0\u{202F}%</small>"))
    }

    @Test func unscoredTokensHaveNoList() {
        let turn = Transcript.Turn("assistant", tokens: [ScoredToken("So", probability: nil)])
        let comparison = Comparison("", [Transcript(model: "m", turns: [turn])])
        #expect(
            !Report(title: "", sections: [Section("", [.comparison(comparison)])]).html.contains("<details"))
    }

    @Test func probabilitiesOutsideOfTheirRangeAreWritten() {
        let tokens = [Double](arrayLiteral: -1, 0, .leastNonzeroMagnitude, 2, .nan, .infinity).map {
            ScoredToken("x", probability: $0)
        }
        let transcript = Transcript(model: "m", turns: [.init("assistant", tokens: tokens)])
        let page = Report(title: "", sections: [Section("", [.comparison(Comparison("", [transcript]))])])
            .html
        #expect(MarkupChecker(page).complaints == [])
    }
}
