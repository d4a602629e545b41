public import Foundation

/// Records in the field's own schemas, one JSON object on each line.
public enum JSONLines {
    /// `{"messages":[{"role":"user","content":"…"},…]}`
    public static func line(for demonstration: Demonstration) -> String {
        "{\"messages\":\(array(demonstration.messages))}"
    }

    /// `{"prompt":[…],"chosen":[{"role":"assistant",…}],"rejected":[…]}`
    public static func line(for preference: Preference) -> String {
        "{\"prompt\":\(array(preference.prompt.messages)),\"chosen\":\(array([.assistant(preference.chosen)])),"
            + "\"rejected\":\(array([.assistant(preference.rejected)]))}"
    }

    /// `{"prompt":[…]}`
    public static func line(for prompt: Prompt) -> String { "{\"prompt\":\(array(prompt.messages))}" }

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

    private static func array(_ messages: [Message]) -> String {
        let items = messages.map { "{\"role\":\"\($0.role.rawValue)\",\"content\":\(quoted($0.content))}" }
        return "[" + items.joined(separator: ",") + "]"
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case 0..<32: bytes += ("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }
}
