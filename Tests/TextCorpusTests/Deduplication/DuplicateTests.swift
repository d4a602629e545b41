import TestSupport
import Testing
import TextCorpus

@Suite struct DuplicateTests {
    /// Two texts of which a share of the words is equal, and the similarity of their runs of five words.
    private func pair(_ number: Int, changed: Int, of words: Int) -> (String, String, similarity: Double) {
        let first = (0..<words).map { "w\(number)x\($0)" }
        var second = first
        for index in 0..<changed { second[index * words / max(changed, 1)] = "changed\(index)" }
        func runs(_ words: [String]) -> Set<[String]> {
            Set((0...words.count - 5).map { Array(words[$0..<$0 + 5]) })
        }
        let (a, b) = (runs(first), runs(second))
        return (
            first.joined(separator: " "), second.joined(separator: " "),
            Double(a.intersection(b).count) / Double(a.union(b).count)
        )
    }

    /// The share of equal minima is the similarity, to four standard errors of the mean.
    @Test(arguments: [(0, 400), (2, 400), (8, 400), (20, 400), (50, 400), (1, 30), (3, 40)])
    func agreementEstimatesSimilarity(changed: Int, words: Int) throws {
        let parameters = MinHashParameters()
        let count = 24
        var sum = 0.0
        var similarity = 0.0
        for number in 0..<count {
            let (first, second, exact) = pair(number, changed: changed, of: words)
            similarity = exact
            let a = try #require(MinHashSignature(first, parameters)).values
            let b = try #require(MinHashSignature(second, parameters)).values
            sum += Double(zip(a, b).count { $0 == $1 }) / Double(a.count)
        }
        // Minima of short texts are borrowed from one another, so as few count as there are runs.
        let independent = Double(min(128, words - 4) * count)
        let error = (similarity * (1 - similarity) / independent).squareRoot()
        #expect(abs(sum / Double(count) - similarity) <= 4 * error + 1e-4)
    }

    @Test func theProbabilityIsThatOfTheFormula() {
        let parameters = MinHashParameters(bands: 16, rows: 8)
        #expect(parameters.probability(ofSimilarity: 0) == 0)
        #expect(parameters.probability(ofSimilarity: 1) == 1)
        #expect(abs(parameters.probability(ofSimilarity: 0.8) - 0.9471) < 1e-4)
        #expect(abs(parameters.probability(ofSimilarity: 0.5) - 0.0607) < 1e-4)
    }

    /// Pairs are found as often as the formula says.
    @Test(arguments: [10, 20, 35]) func pairsAreFoundAsOftenAsTheFormulaSays(changed: Int) throws {
        let parameters = MinHashParameters(similarity: 1e-9)
        var found = 0
        var expected = 0.0
        let count = 100
        for number in 0..<count {
            let (first, second, similarity) = pair(number, changed: changed, of: 500)
            var near = NearDuplicates(parameters)
            #expect(near.insert(try #require(MinHashSignature(first, parameters))))
            if !near.insert(try #require(MinHashSignature(second, parameters))) { found += 1 }
            expected += parameters.probability(ofSimilarity: similarity)
        }
        let error = (expected * (1 - expected / Double(count))).squareRoot()
        #expect(abs(Double(found) - expected) <= 4 * error + 2)
    }

    @Test func amongManyTextsOnlyDuplicatesAreFound() throws {
        let parameters = MinHashParameters()
        var near = NearDuplicates(parameters)
        for number in 0..<1_000 {
            #expect(near.insert(try #require(MinHashSignature(story(number), parameters))))
        }
        for number in stride(from: 0, to: 1_000, by: 50) {
            let again = story(number) + " One more sentence."
            #expect(!near.insert(try #require(MinHashSignature(again, parameters))))
        }
        #expect(near.bytes < 1_000 * 450)
    }

    private func kept(_ texts: [String], _ duplicates: DuplicateRemoval) throws -> [String] {
        let documents = texts.enumerated().map { Document(text: $1, source: "\($0)") }
        return try Corpus(.documents(documents), pipeline: CorpusPipeline(steps: [], duplicates: duplicates))
            .map(\.source)
    }

    @Test func theFirstOfItsLikeIsKept() throws {
        let near = story(1).replacing("tells", with: "told")
        let texts = [story(1), story(2), story(1), near, story(3), "", ""]
        #expect(try kept(texts, .none).count == 7)
        #expect(try kept(texts, .exact) == ["0", "1", "3", "4", "5"])
        #expect(try kept(texts, .standard) == ["0", "1", "4", "5"])
    }

    @Test func headingsDoNotTellCopiesApart() throws {
        let documents = ["a.c", "b/a.c"].map { Document(text: "int x;", kind: .code, heading: "// " + $0) }
        #expect(
            try Corpus(.documents(documents), pipeline: CorpusPipeline(steps: [])).map(\.text) == [
                "// a.c\nint x;"
            ])
    }
}
