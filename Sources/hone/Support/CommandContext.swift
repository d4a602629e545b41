/// The context in which a command runs: by itself, or as a stage of a quickstart.
struct CommandContext {
    /// Whether the user has asked it to stop.
    let interruption: Interruption
    /// The words that run the command again, beginning with its name.
    let arguments: [String]

    /// The context of a command that the user called.
    init() {
        interruption = Interruption()
        arguments = Array(CommandLine.arguments.dropFirst())
    }

    /// The context of a stage.
    init(_ interruption: Interruption, arguments: [String]) {
        self.interruption = interruption
        self.arguments = arguments
    }

    /// The line that runs the command again, as a shell reads it.
    var commandLine: String {
        (["hone"] + arguments.filter { $0 != "--resume" }).map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
