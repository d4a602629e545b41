import Foundation
import Testing

/// What the commands say about a corpus: what could not be read, how often it is read, what is measured on it.
@Suite struct CorpusCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        component: "hone-corpus-\(UUID().uuidString)")

    private func prepare() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try prepareTinyCorpus(in: folder)
    }

    private func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    private func pretrain(_ arguments: String...) throws -> HoneProcess.Outcome {
        try HoneProcess(
            ["pretrain", "--tokenizer", "tokenizer.json", "--depth", "1", "--context", "32", "--batch", "4"]
                + arguments, in: folder
        ).outcome()
    }

    @Test func pretrainingSaysWhatItCannotRead() throws {
        try prepare()
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = try Data(contentsOf: folder.appending(component: "text.txt"))
        try write("in/a.txt", text)
        try write("in/broken.jsonl", Array("{\"text\": \"fine words here\"}\n{\"text\": \n".utf8))
        try write("in/picture.png", [0x89, 0x50])
        let outcome = try pretrain("--corpus", "in", "--steps", "2", "--output", "run")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.errors.components(separatedBy: "broken.jsonl, line 2, byte").count == 2)
        #expect(outcome.errors.contains("not readable: 1"))
        #expect(outcome.errors.contains("other_format: 1"))
    }

    @Test func readingACorpusTooOftenIsSaid() throws {
        try prepare()
        defer { try? FileManager.default.removeItem(at: folder) }
        let outcome = try pretrain("--corpus", "text.txt", "--dry-run", "--output", "run")
        #expect(outcome.errors.contains("beyond 4 times a model learns little more from it"))
        #expect(outcome.errors.contains("Not even --depth 1 fits this corpus"))
        #expect(outcome.errors.contains(" times\n"))
        let tokens = try #require(outcome.errors.firstMatch(of: /--tokens (\d+) reads it 4 times/)?.1)
        let enough = try pretrain(
            "--corpus", "text.txt", "--dry-run", "--output", "run", "--tokens", String(tokens))
        #expect(enough.errors.contains("read 4.0 times") || enough.errors.contains("read 3.9 times"))
        #expect(!enough.errors.contains("learns little more"))
    }

    @Test func aValidationPartOfOneDocumentIsSaid() throws {
        try prepare()
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try HoneProcess.run(
            "corpus", "text.txt", "--text-piece-bytes", "20000", "--minimum-quality", "off", "--no-dedupe",
            "--output", "corpus", in: folder)
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.errors.contains("the validation part is one document"))
        let outcome = try pretrain("--corpus", "corpus", "--steps", "1", "--dry-run", "--output", "run")
        #expect(outcome.errors.contains("the validation part is one document of"))
    }

    @Test func contaminationListsThatGiveNothingAreSaid() throws {
        try prepare()
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("list.txt", Array("too short\n".utf8))
        try write("other.txt", Array("a list with one text of just ten words in it\n".utf8))
        let made = try HoneProcess.run(
            "corpus", "text.txt", "--minimum-quality", "off", "--no-dedupe", "--output", "corpus",
            "--contamination", "list.txt", "--contamination", "other.txt", in: folder)
        #expect(made.code == 0, "\(made.errors)")
        #expect(made.errors.contains("contamination list list.txt: no text of 8 words or more"))
        #expect(made.output.contains("contamination list other.txt: 1 text, 1 run of words"))
        let card = try String(contentsOf: folder.appending(path: "corpus/DATA-CARD.md"), encoding: .utf8)
        #expect(card.contains("| other.txt | 1 | 1 |"))
    }
}
