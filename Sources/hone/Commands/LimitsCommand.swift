import ArgumentParser
import Behavior
import Conversations
import Files
import Formatting
import Foundation
import JSON

extension GeneratorError: CommandError {
    var outcome: Outcome { .badData }
}

/// `hone limits`: what teaches an assistant what it cannot do.
struct LimitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Write conversations, preferences and a suite about what an assistant can and cannot do.",
        discussion: paragraphs(
            """
            A manifest says what the assistant can and cannot do, how people ask for it, and with which words. The folder
            has demonstrations.jsonl for "hone sft", preferences.jsonl for "hone reward" and "hone dpo", and suite.jsonl for
            "hone evaluate --suite", whose requests have no phrasing and no word of a pool in common with the others.
            The same manifest and seed always write the same files. Documentation/BehaviorSuites.md describes manifests.

              hone limits --manifest manifest.json --count 400 --output limits
            """))

    @Option(
        help: ArgumentHelp(
            "A file with the assistant's abilities and limits, and requests for them.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var manifest: String

    @Option(
        help: ArgumentHelp(
            "Requests to train on, at most; a quarter as many are kept for the suite.", valueName: "n"))
    var count = 200

    @Option(help: ArgumentHelp("A system turn before every request; none unless given.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("The seed of all random choices.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"), completion: .directory)
    var output: String

    func validate() throws {
        guard !output.isEmpty else { throw ValidationError("--output needs a folder.") }
        try check("--count", count, in: 1...1_000_000)
    }

    func run() throws {
        try reportingErrors {
            let manifest = try CapabilityManifest(contentsOf: URL(filePath: manifest))
            let data = try LimitsGenerator(manifest: manifest, system: system).data(count: count, seed: seed)
            guard !data.demonstrations.isEmpty else { throw NoRequests(manifest: self.manifest) }
            try FolderExists.check(output)
            try write(data)
            standardError(
                "\(output): \(counted(data.demonstrations.count, "request")) to train on, "
                    + "\(counted(data.suite.items.count, "question")) to measure with\n")
        }
    }

    /// Writes the folder, which appears when it is whole.
    private func write(_ data: GeneratedData) throws {
        let folder = URL(filePath: output)
        let partial = folder.deletingLastPathComponent()
            .appending(component: ".\(folder.lastPathComponent).partial")
        try? FileManager.default.removeItem(at: partial)
        try makeFolder(partial)
        for (name, lines) in [
            ("demonstrations.jsonl", data.demonstrations.map(\.json)),
            ("preferences.jsonl", data.preferences.map(\.json)),
            ("suite.jsonl", data.suite.items.map(\.json)),
        ] {
            let text = lines.map { $0.text(.compact) + "\n" }.joined()
            try Data(text.utf8).write(to: partial.appending(component: name))
        }
        try FileManager.default.moveItem(at: partial, to: folder)
    }

    /// A manifest that names nothing that people ask for.
    private struct NoRequests: CommandError, CustomStringConvertible {
        let manifest: String
        var outcome: Outcome { .badData }
        var description: String {
            "\(manifest): no \"requests\" in \"can\" or \"cannot\"; with them it says how people ask for each"
        }
    }
}
