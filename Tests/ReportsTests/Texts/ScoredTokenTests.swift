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
