import Foundation
import Tables
import TestSupport
import Testing
import TextCorpus

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
            try folder.write("f.txt", utf16(question)),
            try folder.write(
                "g.html",
                "<p>Which of these four <b>animals</b> lives in&#32;the desert and stores fat in its hump</p>"
            ),
            try folder.write(
                "h.md", "# Questions\n\n1. " + question.replacing("four", with: "<!-- 3 + 1 --> four")),
            try folder.write("i.ndjson", record + "\n"),
            try folder.write("j.JSON", "{\"a\": {\"b\": [\"\(question)\"]}}"),
            try folder.write(
                "k.warc",
                "WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/html\r\nContent-Length: \(question.utf8.count)\r\n\r\n"
                    + question),
            try folder.write("l.py", "# \(question)\n"),
            try folder.write("folder/m.json", record).deletingLastPathComponent(),
        ]
        for file in files {
            #expect(
                isContaminated(try ContaminationFilter(against: [file]), story(3) + question),
                "\(file.lastPathComponent)")
        }
        let filter = try ContaminationFilter(against: [
            files[0], files[3], try folder.write("n.txt", "Too short.\n"),
        ])
        #expect(filter.lists.map(\.name) == ["a.jsonl", "d.txt", "n.txt"])
        #expect(filter.lists.map(\.texts) == [1, 1, 0])
        // The question has 17 words: five runs of thirteen, the same in both lists.
        #expect(filter.lists.map(\.runs) == [5, 5, 0])
        #expect(filter.count == 5)
        let card = try Corpus(
            .documents([Document(text: story(1))]), pipeline: CorpusPipeline(steps: [filter])
        ).write(to: folder.url.appendingPathComponent("out"))
        #expect(card.contamination == filter.lists)
        #expect(card.markdown().contains("| a.jsonl | 1 | 5 |"))
        #expect(try DataCard(directory: folder.url.appendingPathComponent("out")) == card)
        let broken = try folder.write("x.jsonl", "{}\n{\"a\": ")
        let wide = try folder.write("w.jsonl", utf16(record))
        #expect(throws: CorpusError.self) { try ContaminationFilter(against: [wide]) }
        #expect(throws: CorpusError.self) { try ContaminationFilter(against: [broken]) }
        #expect(throws: CorpusError.self) {
            try ContaminationFilter(against: [folder.url.appendingPathComponent("no")])
        }
    }
}
