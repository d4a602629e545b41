import Foundation
import TestSupport
import Testing
import TextCorpus

@Suite struct CorpusTests {
    let folder = TemporaryFolder()
    private var output: URL { folder.url.appendingPathComponent("out") }

    private func stories(_ range: Range<Int>, kind: DocumentKind = .text) -> [Document] {
        range.map {
            Document(text: story($0), kind: kind, source: "s\($0)", language: "en", license: "CC0-1.0")
        }
    }

    private func files(_ url: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let corpus = try Corpus(.documents(stories(0..<300)))
        var options = CorpusWritingOptions()
        options.validationShare = 0.1
        let card = try corpus.write(to: output, options: options)
        #expect(
            try files(output) == [
                "DATA-CARD.md", "data-card.json", "train-00000.jsonl.gz", "validation-00000.jsonl.gz",
            ])
        let training = Array(try Corpus(directory: output))
        let validation = Array(try Corpus(directory: output, split: .validation))
        #expect(training.count + validation.count == 300)
        #expect(card.training.documents == training.count && card.validation.documents == validation.count)
        #expect(abs(validation.count - 30) < 20)
        #expect(Set(training).union(validation) == Set(corpus))
        #expect(try DataCard(directory: output) == card)
    }

    @Test func theSameInputGivesTheSameBytes() throws {
        let other = folder.url.appendingPathComponent("other")
        for url in [output, other] {
            var options = CorpusWritingOptions()
            options.weights = ["text": 0.5, "code": 0.5]
            try Corpus(.documents(stories(0..<50) + stories(50..<60, kind: .code)), pipeline: .unchanged)
                .write(to: url, options: options)
        }
        #expect(try files(output) == files(other))
        for name in try files(output) {
            #expect(
                try Data(contentsOf: output.appendingPathComponent(name))
                    == Data(contentsOf: other.appendingPathComponent(name)))
        }
    }

    @Test func theSplitDependsOnContentOnly() throws {
        let documents = stories(0..<400)
        func validation(_ documents: [Document], _ share: Double) throws -> Set<String> {
            let corpus = try Corpus(.documents(documents), pipeline: .unchanged)
            return Set(corpus.split(.validation, validationShare: share).map(\.text))
        }
        let some = try validation(documents, 0.2)
        let moved = documents.reversed().map {
            Document(text: $0.text, kind: .code, source: "elsewhere", heading: "// a.c")
        }
        #expect(try Set(validation(moved, 0.2).map { String($0.dropFirst(7)) }) == some)
        #expect(try validation(Array(documents.prefix(200)), 0.2).isSubset(of: some))
        #expect(try some.isSubset(of: validation(documents, 0.3)))
        let training = try Corpus(.documents(documents), pipeline: .unchanged).split(
            .training, validationShare: 0.2
        ).map(\.text)
        #expect(Set(training).isDisjoint(with: some) && training.count + some.count == 400)
        #expect(try validation(documents, 0).isEmpty)
    }

    @Test func aSmallCorpusHasADocumentForValidation() throws {
        var options = CorpusWritingOptions()
        options.validationShare = 1e-9
        let card = try Corpus(.documents(stories(0..<5))).write(to: output, options: options)
        #expect(card.training.documents == 4 && card.validation.documents == 1)
        let smallest = stories(0..<5).min { StableHash.hash($0.text) < StableHash.hash($1.text) }
        #expect(try Corpus(directory: output, split: .validation).map(\.text) == [smallest?.text])
    }

    @Test func theCardSaysWhatWasDroppedAndWhy() throws {
        try folder.write("in/a.txt", story(1))
        try folder.write("in/b.txt", story(1))
        try folder.write("in/c.txt", "short")
        try folder.write("in/d.bin", [0, 1])
        try folder.write("in/e.jsonl", "{\"text\": 1}\n")
        let card = try Corpus(.folder(folder.url.appendingPathComponent("in"))).write(to: output)
        #expect(card.sources.count == 1)
        #expect(card.sources[0].name == "in" && card.sources[0].format == "folder")
        #expect(card.sources[0].input.documents == 4 && card.sources[0].kept.documents == 1)
        #expect(
            card.dropped.mapValues(\.documents) == ["duplicate": 1, "quality_words": 1, "other_format": 1])
        #expect(card.dropped["quality_words"]?.examples.map(\.source) == ["in/c.txt"])
        #expect(card.dropped["quality_words"]?.examples.map(\.excerpt) == ["short"])
        #expect(card.sources[0].problems == 1 && card.problems.count == 1)
        let text = try String(contentsOf: output.appendingPathComponent("DATA-CARD.md"), encoding: .utf8)
        for word in ["duplicate", "quality_words", "in/c.txt", "e.jsonl, line 1"] {
            #expect(text.contains(word))
        }
    }

    @Test func weightsSetTheSharesOfKinds() throws {
        let documents = stories(0..<300) + stories(300..<400, kind: .code) + stories(400..<500, kind: .web)
        var options = CorpusWritingOptions()
        options.validationShare = 0
        options.weights = [.code: 0.5, .text: 0.3]
        let card = try Corpus(.documents(documents), pipeline: .unchanged).write(to: output, options: options)
        func share(_ kind: String) -> Double {
            Double(card.training.kinds[kind]?.bytes ?? 0) / Double(card.training.bytes)
        }
        // The choice is by hash; the shares are those asked for up to its noise.
        #expect(
            abs(share("code") - 0.5) < 0.06 && abs(share("text") - 0.3) < 0.06
                && abs(share("web") - 0.2) < 0.06)
        let read = Array(try Corpus(directory: output))
        #expect(read.count == card.training.documents)
        let codes = Dictionary(grouping: read.filter { $0.kind == .code }, by: \.source).mapValues(\.count)
        #expect(codes.count == 100)
        #expect(Set(codes.values).isSubset(of: [2, 3]))
        #expect(!(try files(output)).contains { $0.contains("unweighted") })
    }

    @Test func noKindIsRepeatedMoreThanFourTimes() throws {
        var options = CorpusWritingOptions()
        options.validationShare = 0
        options.weights = [.code: 0.9, .text: 0.1]
        let documents = stories(0..<500) + stories(500..<505, kind: .code)
        let card = try Corpus(.documents(documents), pipeline: .unchanged).write(to: output, options: options)
        #expect(card.weights["code"]?.passes == 4)
        #expect(card.training.kinds["code"]?.documents == 20)
    }

    @Test func aFolderInUseIsNotTouched() throws {
        try folder.write("out/precious.txt", "data")
        #expect(throws: CorpusError.outputExists(directory: output.path)) {
            try Corpus(.documents(stories(0..<3))).write(to: output)
        }
        var options = CorpusWritingOptions()
        options.replacesCorpus = true
        #expect(throws: CorpusError.outputExists(directory: output.path)) {
            try Corpus(.documents(stories(0..<3))).write(to: output, options: options)
        }
        #expect(try files(output) == ["precious.txt"])
    }

    @Test func aCorpusIsReplacedAsAWhole() throws {
        var options = CorpusWritingOptions()
        options.replacesCorpus = true
        try Corpus(.documents(stories(0..<3))).write(to: output, options: options)
        try Corpus(.documents(stories(5..<9))).write(to: output, options: options)
        #expect(try DataCard(directory: output).training.documents == 3)
        // A run that fails leaves the corpus that was there.
        #expect(throws: CorpusError.noDocuments) {
            try Corpus(.documents([])).write(to: output, options: options)
        }
        #expect(try DataCard(directory: output).training.documents == 3)
        #expect(try files(folder.url) == ["out"])
    }

    @Test func aRunThatIsStoppedLeavesNothing() throws {
        var asked = 0
        #expect(throws: CorpusError.interrupted) {
            try Corpus(.documents(stories(0..<200))).write(
                to: output,
                isCancelled: {
                    asked += 1; return asked > 100
                })
        }
        #expect(try files(folder.url) == [])
    }

    @Test func whatADeadRunLeftIsRemoved() throws {
        try folder.write(".out.partial/train-00000.jsonl.gz", "half")
        try folder.write(".out.partial/other", "half")
        try Corpus(.documents(stories(0..<3))).write(to: output)
        #expect(try files(folder.url) == ["out"])
        #expect(try files(output).count == 4)
    }

    @Test func onlyOneWriterIsAtWorkOnAPlace() throws {
        var tried = 0
        try Corpus(.documents(stories(0..<3))).write(
            to: output,
            isCancelled: {
                if tried == 0 {
                    tried += 1
                    #expect(
                        throws: CorpusError.unwritable(
                            file: output.path, reason: "another process is writing in it")
                    ) { try Corpus(.documents(stories(5..<9))).write(to: output) }
                }
                return false
            })
        #expect(tried == 1)
        #expect(try Set(Corpus(directory: output).map(\.source)).isSubset(of: ["s0", "s1", "s2"]))
        #expect(try files(folder.url) == ["out"])
    }

    /// What came in is what was kept, what was dropped, and what cleaning took away, to the byte.
    @Test func everyByteIsAccountedFor() throws {
        let secret = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
        try folder.write(
            "in/a.md",
            "---\r\ntitle: T\r\n---\r\n<!-- gone -->\r\n" + story(1).replacing("\n", with: "\r\n"))
        try folder.write("in/b.txt", story(2) + "  \n\n\n\n" + story(3) + " " + secret + "\n")
        try folder.write("in/c.txt", story(2) + "\n" + story(3) + " " + secret + "\n")
        try folder.write(
            "in/d.html", "<nav>x</nav><script>1</script>" + (40..<50).map { "<p>\(story($0))" }.joined())
        try folder.write(
            "in/e.jsonl",
            "{\"text\": \"\(story(6).replacing("\n", with: "\\n"))\", \"id\": 4}\n{\"text\": \"x\"}\n")
        try folder.write("in/f.txt", utf16(story(7)))
        try folder.write("in/g.swift", "/// \(story(8).replacing("\n", with: " "))\nlet a = 1\n")
        try folder.write("in/h.bin", "other")
        var pipeline = CorpusPipeline.standard
        pipeline.limits.documentBytes = 4_096
        pipeline.limits.textPieceBytes = 512
        for source in [CorpusSource.folder, CorpusSource.repository] {
            var options = CorpusWritingOptions()
            options.replacesCorpus = true
            let card = try Corpus(source(folder.url.appendingPathComponent("in")), pipeline: pipeline).write(
                to: output, options: options)
            let read = card.sources[0]
            let dropped = read.dropped.values.reduce(0) { $0 + $1.bytes }
            let removed = read.removed.values.reduce(0, +)
            #expect(read.kept.bytes > 0 && dropped > 0 && removed > 0)
            #expect(read.input.bytes == read.kept.bytes + dropped + removed)
            #expect(read.kept.bytes == card.training.bytes + card.validation.bytes)
            #expect(card.markdown().contains("## Removed from what was kept"))
            #expect(try DataCard(directory: output) == card)
            if case .folder = source(output) {
                #expect((read.removed["markdown_settings_and_comments"] ?? 0) > 20)
                #expect(read.removed.keys.contains("page_markup"))
                #expect(card.sources[0].repairs["converted_to_utf8"] == 2)
                #expect(read.removed.keys.contains("json_keys_and_escapes"))
                #expect(read.removed.keys.contains("secret_removal"))
            } else {
                #expect((read.removed["file_heading"] ?? 0) < 0)
            }
        }
    }

    @Test func damageToAWrittenCorpusIsFound() throws {
        try Corpus(.documents(stories(0..<30))).write(to: output)
        let shard = output.appendingPathComponent("train-00000.jsonl.gz")
        let whole = try Data(contentsOf: shard)
        var damaged = whole
        damaged[whole.count / 2] ^= 1
        for (bytes, checking) in [
            (damaged, true), (whole.dropLast(), true), (whole.dropLast(), false), (whole + [0], false),
        ] {
            try bytes.write(to: shard)
            #expect(throws: CorpusError.self) { try Corpus(directory: output, checking: checking) }
        }
        try FileManager.default.removeItem(at: shard)
        #expect(throws: CorpusError.missing(file: shard.path)) { try Corpus(directory: output) }
        #expect(throws: CorpusError.self) { try Corpus(directory: folder.url) }
    }

    @Test(arguments: [
        "", "{}", "[", "{\"format\": \"other\"}", "null", "{\"format\": \"hone-corpus\", \"version\": 2}",
    ])
    func cardsThatAreNoneAreErrors(text: String) throws {
        try folder.write("out/data-card.json", text)
        #expect(throws: CorpusError.self) { try Corpus(directory: output) }
    }

    @Test func shardsAreCutAtTheirSize() throws {
        var options = CorpusWritingOptions()
        options.shardBytes = 1 << 20
        let documents = (0..<600).map { Document(text: story($0, words: 2_000)) }
        let card = try Corpus(.documents(documents), pipeline: .unchanged).write(to: output, options: options)
        #expect(card.training.shards.count > 3)
        #expect(card.training.shards.reduce(0) { $0 + $1.documents } == card.training.documents)
        #expect(try Corpus(directory: output).reduce(0) { count, _ in count + 1 } == card.training.documents)
    }

    @Test func aPartOfACorpusCanBeWritten() throws {
        let corpus = try Corpus(.documents(stories(0..<100)), pipeline: .unchanged)
        let card = try corpus.split(.training, validationShare: 0.5).write(to: output)
        #expect(card.training.documents + card.validation.documents < 80)
    }

    @Test func countsOfACardAgreeInNumber() {
        var card = DataCard()
        (card.training.documents, card.training.bytes) = (1, 1)
        card.validation.bytes = 999
        #expect(card.markdown().contains("Of 0 documents (0 bytes) that came in"))
        #expect(card.markdown().contains("has 1 document (1 byte), the validation part 0 (999 bytes)"))
    }

    @Test func stepsOfOnesOwnAreApplied() throws {
        var pipeline = CorpusPipeline.standard
        pipeline.steps.append(DocumentFilter("seven", "is number seven") { !$0.text.contains("number 7 ") })
        let card = try Corpus([.documents(stories(0..<10))], pipeline: pipeline).write(to: output)
        #expect(card.dropped.mapValues(\.documents) == ["seven": 1])
    }
}
