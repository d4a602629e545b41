import Foundation
import LanguageModel
import Testing

@Suite struct ContaminationTests {
    private let question =
        "Which of these four animals lives in the desert and stores fat in its hump for later?"

    private func isContaminated(_ filter: ContaminationFilter, _ text: String) -> Bool {
        var document = Document(text: text)
        var notes = DocumentNotes()
        return filter.apply(to: &document, notes: &notes) != nil
    }

    @Test func thirteenWordsInCommonAreEnough() {
        let filter = ContaminationFilter(against: [question])
        #expect(isContaminated(filter, story(1) + " " + question + " " + story(2)))
        #expect(
            isContaminated(
                filter, "so, WHICH of these: four animals lives in the “desert” and stores fat in sand"))
        #expect(
            !isContaminated(
                filter, "which of these four animals lives in the desert and stores water in sand"))
        #expect(!isContaminated(filter, story(1)))
    }

    @Test func shortTextsCountAsAWhole() {
        let filter = ContaminationFilter(against: [
            "Nine words that are to be found as one", "Only five words in here",
        ])
        #expect(isContaminated(filter, "x nine words that are to be found as one y"))
        #expect(!isContaminated(filter, "x nine words that are to be found as two y"))
        #expect(!isContaminated(filter, "only five words in here"))
    }

    @Test func filesOfEveryFormatAreRead() throws {
        let folder = TemporaryFolder()
        let record = "{\"query\": \"\(question)\", \"choices\": [\"a\", \"b\"], \"gold\": 1}"
        let files = [
            try folder.write("a.jsonl", "{}\n" + record + "\n"), try folder.write("b.json", "[\(record)]"),
            try folder.write("c.csv", "id,question\n1,\"\(question)\"\n"),
            try folder.write("d.txt", question),
            try folder.write("e.jsonl.gz", gzipped(Array(record.utf8), level: 6)),
        ]
        for file in files {
            #expect(
                isContaminated(try ContaminationFilter(against: [file]), story(3) + question),
                "\(file.lastPathComponent)")
        }
        let broken = try folder.write("x.jsonl", "{}\n{\"a\": ")
        #expect(throws: CorpusError.self) { try ContaminationFilter(against: [broken]) }
        #expect(throws: CorpusError.self) {
            try ContaminationFilter(against: [folder.url.appendingPathComponent("no")])
        }
    }
}
