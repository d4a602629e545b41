import ArgumentParser
import Files
import Foundation

/// `hone init`: four questions become a recipe.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a recipe for your data, from the answers to four questions.",
        discussion: paragraphs(
            """
            What data, for what, how long, on which machine: an empty line takes what stands in brackets, and
            answers may be piped in, a line each. The data are files and folders: text, a corpus, records of
            conversations or preferences, and the folder of a model to begin from; without any, the built-in
            town. The recipe is meant to be read and changed before "hone run".

              hone init
              hone run recipe.yaml --dry-run
              printf 'chats.jsonl model\\nassistant\\n2 hours\\n' | hone init chats.yaml
            """))

    @Argument(
        help: ArgumentHelp("The recipe to write; recipe.yaml unless given.", valueName: "recipe"),
        completion: .file(extensions: ["yaml", "yml"]))
    var recipe = "recipe.yaml"

    func validate() throws {
        guard !recipe.isEmpty else { throw ValidationError("The recipe needs a name.") }
    }

    /// A file that is not written over.
    private struct Exists: CommandError, CustomStringConvertible {
        var file: String
        var outcome: Outcome { .usage }
        var description: String { "\(file): is there already; name another file, or remove it" }
    }

    func run() throws {
        try reportingErrors {
            guard FileStatus(recipe) == .missing else { throw Exists(file: recipe) }
            var questions = Questions()
            let data = try questions.ask(
                "What data? Files and folders, and a model to begin from", usual: GivenData.town
            ) { try GivenData($0) }
            for purpose in RecipePurpose.allCases {
                standardError("  \(purpose.rawValue): \(purpose.description)\n")
            }
            let purpose = try questions.ask(
                "For what?", usual: RecipePurpose(for: data).rawValue
            ) { try RecipePurpose($0, with: data) }
            let minutes = try questions.ask("How long?", usual: "20 minutes") { try Machine.minutes($0) }
            let machine = try questions.ask("On which machine?", usual: Machine.this) { try Machine($0) }
            let folder = URL(filePath: recipe).deletingLastPathComponent()
            let isHere =
                folder.standardizedFileURL.path(percentEncoded: false)
                == URL(filePath: "./").standardizedFileURL.path(percentEncoded: false)
            let draft = RecipeDraft(
                data: data, purpose: purpose, minutes: minutes, machine: machine,
                located: { path in
                    isHere ? path : URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
                },
                isTaken: { name in
                    FileStatus(folder.appending(component: name).path(percentEncoded: false)) != .missing
                })
            try makeFolder(folder)
            try writeAtomically(Data(draft.text.utf8), to: URL(filePath: recipe))
            print("\(recipe): \(purpose.description)\nhone run \(recipe) --dry-run says its stages")
        }
    }
}
