public import Foundation
import JSON

/// Records in the field's own schemas, one JSON object on each line.
public enum JSONLines {
    /// `{"messages":[{"role":"user","content":"…"},…]}`
    public static func line(for demonstration: Demonstration) -> String {
        text(["messages": array(demonstration.messages)])
    }

    /// `{"prompt":[…],"chosen":[{"role":"assistant",…}],"rejected":[…]}`
    public static func line(for preference: Preference) -> String {
        text([
            "prompt": array(preference.prompt.messages), "chosen": array([.assistant(preference.chosen)]),
            "rejected": array([.assistant(preference.rejected)]),
        ])
    }

    /// `{"prompt":[…]}`
    public static func line(for prompt: Prompt) -> String { text(["prompt": array(prompt.messages)]) }

    /// Writes demonstrations to a file.
    public static func write(_ demonstrations: [Demonstration], to file: URL) throws(WorldError) {
        try write(demonstrations.map(line(for:)), to: file)
    }

    /// Writes preferences to a file.
    public static func write(_ preferences: [Preference], to file: URL) throws(WorldError) {
        try write(preferences.map(line(for:)), to: file)
    }

    /// Writes prompts to a file.
    public static func write(_ prompts: [Prompt], to file: URL) throws(WorldError) {
        try write(prompts.map(line(for:)), to: file)
    }

    private static func write(_ lines: [String], to file: URL) throws(WorldError) {
        try Disk.replace(file, with: lines.map { $0 + "\n" }.joined())
    }

    private static func array(_ messages: [Message]) -> JSONValue {
        .array(messages.map { ["role": .string($0.role.rawValue), "content": .string($0.content)] })
    }

    private static func text(_ record: JSONValue) -> String { record.text(.compact) }
}
