public import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// `hone corpus`: websites, repositories and texts become a clean corpus.
struct CorpusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract: "Make a corpus of websites, code repositories and texts: cleaned, de-duplicated, split.",
        discussion: paragraphs(
            """
            Each SOURCE is a file or a folder: web pages, WARC files, a code repository, plain text,
            Markdown, JSON Lines with a "text", or tables with such a column (Parquet, Arrow, CSV, TSV); what is text
            may be compressed with gzip. How a source is read follows from its name and contents, unless --kind
            says it. The output is a folder with train-*.jsonl.gz and validation-*.jsonl.gz, and a data card
            (data-card.json, DATA-CARD.md) that says what came in, what was dropped and why. It appears when it is
            whole; what cannot be read is noted and left out.

              hone corpus ~/site ~/projects/app notes.txt --output corpus
              hone corpus crawl.warc.gz --contamination eval/arc_easy.jsonl --output corpus
              hone corpus ~/code ~/books --weights code=0.3,text=0.7 --output corpus
            """))

    @Argument(help: "Files and folders to read.", completion: .file())
    var sources: [String]

    @Option(help: "The folder to write.", completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp(
            """
            Read every source as KIND, or one as SOURCE=KIND: website, warc, repository, text, markdown, jsonl, \
            table, folder.
            """,
            valueName: "[source=]kind"))
    var kind: [String] = []

    @OptionGroup var names: ColumnOptions

    @Flag(inversion: .prefixedNo, help: "Leave out near-duplicates of earlier documents.")
    var dedupe = true

    @Option(help: "The similarity, up to 1, at which two documents count as duplicates; 0.8 unless given.")
    var similarity: Double?

    @Option(help: "The strictness of the quality filter: off, lenient, standard, strict.")
    var minimumQuality: QualityFilter.Level = .standard

    @Option(
        help: ArgumentHelp(
            "Set the bounds of a quality rule, such as words=20.. or symbols_per_word=..0.2.",
            valueName: "name=min..max"))
    var rule: [String] = []

    @Option(help: "The treatment of keys, tokens and passwords: redact, drop (the document), keep.")
    var secrets: SecretRemoval.Treatment = .redact

    @Option(
        help: ArgumentHelp(
            """
            Drop documents that share a run of 13 words with this evaluation file, or folder of files, in any \
            format that is read here; the data card says how many runs each gave.
            """,
            valueName: "file"), completion: .file())
    var contamination: [String] = []

    @Flag(help: "Follow symbolic links to files outside the folder.")
    var followLinks = false

    @Option(
        help: ArgumentHelp(
            """
            The shares of kinds in the training text, such as code=0.3,web=0.7; documents are left out or \
            repeated to meet them.
            """,
            valueName: "kind=share,…"))
    var weights: String?

    @Option(
        help:
            "The expected share of documents for validation, from 0 to 1, chosen by a hash of their text."
    )
    var validationShare = 0.01

    @Option(help: "The longest document in bytes; longer text is cut, longer code is dropped.")
    var maximumDocumentBytes = ReadingLimits().documentBytes

    @Option(help: "The approximate size of the documents that plain text is cut into, at paragraphs.")
    var textPieceBytes = ReadingLimits().textPieceBytes

    @Flag(help: "Stop at the first file or record that cannot be read.")
    var strict = false

    @Flag(help: "Replace the corpus in the output folder.")
    var replace = false

    @Flag(help: "Print the data card as JSON.")
    var json = false

    func validate() throws {
        guard !sources.isEmpty else { throw ValidationError("Name at least one file or folder to read.") }
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        try check("--validation-share", validationShare, .fraction)
        try check("--similarity", similarity, .positiveFraction)
        try refuse("--similarity", if: similarity != nil && !dedupe, "it needs --dedupe")
        try check("--maximum-document-bytes", maximumDocumentBytes, in: 1_024...1 << 30)
        try check("--text-piece-bytes", textPieceBytes, in: 256...1 << 30)
        _ = try parsedWeights()
        _ = try qualityFilter()
        _ = try parsedKinds()
    }

    func run() throws {
        try reportingErrors {
            try OutputIsInput.check(output, as: "--output", among: sources + contamination)
            let pipeline = try pipeline()
            let corpus = try Corpus(try parsedSources(), pipeline: pipeline)
            var progress = CorpusProgressLine()
            var failure: CorpusError?
            var options = CorpusWritingOptions()
            options.validationShare = validationShare
            options.weights = try parsedWeights()
            options.replacesCorpus = replace
            options.notedSettings = notedSettings
            let card: DataCard
            let interruption = Interruption()
            do {
                card = try interruption.heeding {
                    try corpus.write(
                        to: URL(fileURLWithPath: output), options: options,
                        isCancelled: { interruption.isRequested || failure != nil }
                    ) { state in
                        progress.show(state)
                        if let problem = state.problem, strict, failure == nil { failure = problem }
                    }
                }
            } catch {
                progress.finish()
                throw failure ?? error
            }
            progress.finish()
            print(json ? card.json() : summary(card, seconds: progress.seconds), terminator: "")
            for warning in warnings(card) { standardError("hone: \(warning)\n") }
        }
    }

    // MARK: Arguments

    private func pipeline() throws -> CorpusPipeline {
        var limits = ReadingLimits()
        limits.documentBytes = maximumDocumentBytes
        limits.textPieceBytes = textPieceBytes
        limits.followsLinks = followLinks
        limits.columns = names.columns
        var steps: [any DocumentStep] = [
            TextCleaning(), SecretRemoval(secrets), LanguageNoting(), try qualityFilter(),
        ]
        if !contamination.isEmpty {
            steps.append(try ContaminationFilter(against: contamination.map { URL(fileURLWithPath: $0) }))
        }
        let duplicates: DuplicateRemoval =
            dedupe ? .near(MinHashParameters(similarity: similarity ?? 0.8)) : .none
        return CorpusPipeline(steps: steps, duplicates: duplicates, limits: limits)
    }

    private func parsedKinds() throws -> (all: String?, bySource: [String: String]) {
        var all: String?
        var bySource: [String: String] = [:]
        for text in kind {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            let name = String(parts.last ?? "")
            guard CorpusSource.formats.contains(where: { $0.name == name }) else {
                let names = CorpusSource.formats.map(\.name).joined(separator: ", ")
                throw ValidationError("--kind \(text): ‘\(name)’ is none of \(names).")
            }
            guard parts.count > 1 else {
                all = name
                continue
            }
            let source = parts.dropLast().joined(separator: "=")
            guard sources.contains(source) else {
                throw ValidationError("--kind \(text): ‘\(source)’ is not among the sources.")
            }
            bySource[source] = name
        }
        return (all, bySource)
    }

    private func parsedSources() throws -> [CorpusSource] {
        let kinds = try parsedKinds()
        return try sources.map { path in
            let url = URL(fileURLWithPath: path)
            let name = kinds.bySource[path] ?? kinds.all
            if let format = CorpusSource.formats.first(where: { $0.name == name }) {
                return format.source(url)
            }
            return try CorpusSource(detecting: url)
        }
    }

    private func parsedWeights() throws -> [DocumentKind: Double] {
        var parsed: [DocumentKind: Double] = [:]
        for pair in (weights ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=")
            guard parts.count == 2, let share = Double(parts[1]), share >= 0, share.isFinite
            else {
                throw ValidationError("--weights \(pair): write KIND=SHARE, such as code=0.3.")
            }
            parsed[DocumentKind(rawValue: String(parts[0]))] = share
        }
        if weights != nil, parsed.values.reduce(0, +) <= 0 {
            throw ValidationError("--weights: at least one share is above zero.")
        }
        return parsed
    }

    private func qualityFilter() throws -> QualityFilter {
        var filter = QualityFilter(minimumQuality)
        for text in rule {
            let parts = text.split(separator: "=", maxSplits: 1)
            let bounds = parts.count == 2 ? String(parts[1]).components(separatedBy: "..") : []
            let numbers = bounds.map { Double($0) }
            guard bounds.count == 2, zip(bounds, numbers).allSatisfy({ $0.isEmpty || $1?.isFinite == true }),
                numbers.contains(where: { $0 != nil })
            else {
                throw ValidationError("--rule \(text): write NAME=MIN..MAX; either bound may be left out.")
            }
            guard filter.set(String(parts[0]), minimum: numbers[0], maximum: numbers[1]) else {
                throw ValidationError(
                    "--rule \(text): no rule of that name is used; see Documentation/Corpus.md.")
            }
        }
        return filter
    }

    private var notedSettings: [String: String] {
        var settings = ["minimum_quality": minimumQuality.rawValue, "secrets": secrets.rawValue]
        if !rule.isEmpty { settings["rules"] = rule.joined(separator: ", ") }
        if !contamination.isEmpty {
            settings["contamination"] = contamination.map { URL(fileURLWithPath: $0).lastPathComponent }
                .joined(separator: ", ")
        }
        if let weights { settings["weights"] = weights }
        if let map = names.map { settings["map"] = map }
        return settings
    }

    // MARK: Results

    /// Returns warnings about probably unwanted results, though nothing failed.
    private func warnings(_ card: DataCard) -> [String] {
        var warnings: [String] = []
        if validationShare > 0 {
            switch card.validation.documents {
            case 0: warnings.append("one document only; there is none for validation")
            case 1:
                warnings.append(
                    """
                    the validation part is one document of \(NumberStyle.size.string(Double(card.validation.bytes))); what is measured \
                    on it says little about other texts. A larger --validation-share or smaller --text-piece-bytes \
                    gives it more
                    """)
            default: break
            }
        }
        for list in card.contamination where list.runs == 0 {
            warnings.append(
                """
                contamination list \(list.name): no text of \(ContaminationFilter.shortestRun) words or more; nothing \
                is dropped because of it
                """)
        }
        return warnings
    }

    private func summary(_ card: DataCard, seconds: Double) -> String {
        func size(_ bytes: Int) -> String { NumberStyle.size.string(Double(bytes)) }
        let rate = Double(card.input.bytes) / 1e6 / max(seconds, 1e-3)
        let kept = card.training.documents + card.validation.documents
        var text = """
            \(output): \(counted(kept, "document")), \(size(card.training.bytes + card.validation.bytes)) of text
              from \(counted(card.input.documents, "document or file", plural: "documents and files")), \(size(card.input.bytes)), \
            in \(fixed(seconds, 1)) s (\(fixed(rate, 1)) MB/s)
              training \(card.training.documents) (\(size(card.training.bytes))), \
            validation \(card.validation.documents) (\(size(card.validation.bytes)))\n
            """
        for (kind, tally) in card.training.kinds.sorted(by: { $0.key < $1.key }) {
            let share = Double(tally.bytes) / Double(max(1, card.training.bytes))
            text +=
                "  \(kind): \(tally.documents), \(size(tally.bytes)), "
                + "\(fixed(100 * share, 1)) %\n"
        }
        let dropped = card.dropped.sorted { ($1.value.documents, $0.key) < ($0.value.documents, $1.key) }
        if !dropped.isEmpty { text += "dropped\n" }
        for (name, reason) in dropped {
            text += "  \(name): \(reason.documents), \(size(reason.bytes)) – \(reason.reason)\n"
        }
        let removed = card.removed.filter { $0.value != 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !removed.isEmpty { text += "removed from what was kept\n" }
        for (name, bytes) in removed {
            text += "  \(name): \(bytes < 0 ? "−" : "")\(size(abs(bytes)))\n"
        }
        for list in card.contamination {
            text +=
                "contamination list \(list.name): \(counted(list.texts, "text")), \(counted(list.runs, "run", plural: "runs")) of words\n"
        }
        let problems = card.sources.reduce(0) { $0 + $1.problems }
        if problems > 0 { text += "not readable: \(problems); see the data card\n" }
        return text
    }
}

extension QualityFilter.Level: ExpressibleByArgument {}
extension SecretRemoval.Treatment: ExpressibleByArgument {}

extension CorpusError: CommandError {
    var outcome: Outcome {
        switch self {
        case .missing: .missingInput
        case .malformed, .exceedsLimit, .noDocuments: .badData
        case .unreadable, .unwritable: .inputOutput
        case .outputExists: .usage
        case .interrupted: Interruption.outcome
        }
    }
}
