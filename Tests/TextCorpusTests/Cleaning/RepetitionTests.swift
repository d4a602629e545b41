import Testing
import TextCorpus

@Suite struct RepetitionTests {
    @Test func nothingIsRepeatedInTextThatSaysEverythingOnce() {
        let repetition = TextStatistics((0..<200).map { "word\($0)" }.joined(separator: " ")).repetition
        #expect(repetition.lines == 0 && repetition.paragraphs == 0)
        #expect(repetition.repeated.values.allSatisfy { $0 == 0 })
        #expect(repetition.mostFrequent.values.allSatisfy { $0 == 0 })
    }

    @Test func textThatSaysOneThingIsAllRepetition() {
        let repetition = TextStatistics(Array(repeating: "buy now", count: 100).joined(separator: " "))
            .repetition
        #expect(abs((repetition.repeated[5] ?? 0) - 1) < 0.05)
        #expect(abs((repetition.mostFrequent[2] ?? 0) - 1) < 0.05)
    }

    @Test func linesAndParagraphsAreCounted() {
        let repetition = TextStatistics("one\ntwo\n\none\ntwo\n\nthree three\n").repetition
        #expect(repetition.lines == 2.0 / 5)
        #expect(repetition.lineBytes == 6.0 / 23)
        #expect(repetition.paragraphs == 1.0 / 3)
        #expect(repetition.paragraphBytes == 7.0 / 25)
    }

    /// The runs are counted as by looking at every pair of places.
    @Test func runsAreCountedAsByHand() {
        var state: UInt64 = 3
        for _ in 0..<40 {
            var words: [String] = []
            for _ in 0..<90 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                words.append(["a", "bb", "ccc"][Int((state >> 33) % 3)])
            }
            let repetition = TextStatistics(words.joined(separator: " ")).repetition
            let total = Double(words.reduce(0) { $0 + $1.count })
            for length in 2...10 {
                var most = 0
                var covered = [Bool](repeating: false, count: words.count)
                for start in 0...words.count - length {
                    let run = words[start..<start + length]
                    let places = (0...words.count - length).filter {
                        words[$0..<$0 + length].elementsEqual(run)
                    }
                    if places.count > 1 { most = max(most, places.count * run.reduce(0) { $0 + $1.count }) }
                    if places[0] < start { for index in start..<start + length { covered[index] = true } }
                }
                let bytes = zip(words, covered).reduce(0) { $0 + ($1.1 ? $1.0.count : 0) }
                let found = length <= 4 ? repetition.mostFrequent[length] : repetition.repeated[length]
                let expected = length <= 4 ? min(1, Double(most) / total) : Double(bytes) / total
                #expect(abs((found ?? -1) - expected) < 1e-12)
            }
        }
    }
}
