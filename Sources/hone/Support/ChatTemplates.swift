import Alignment
import ArgumentParser
import Foundation

extension ChatTemplateError: CommandError {
    var outcome: Outcome {
        switch self {
        case .unreadable: .missingInput
        case .malformed, .noTemplate, .template: .badData
        }
    }
}

extension ChatTemplate {
    /// A built-in template by its name, or else the one in a file.
    init(nameOrFile name: String) throws(ChatTemplateError) {
        if let template = Self.builtIn[name] {
            self = template
        } else {
            try self.init(contentsOf: URL(filePath: name))
        }
    }
}

/// Variables of the chat template, such as `enable_thinking=false`.
struct TemplateVariables: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "A variable of the chat template for records that do not set it, such as enable_thinking=false; a value in "
                + "JSON, or else text. May be repeated.", valueName: "name=value"))
    var templateVariable: [String] = []

    func validate() throws {
        for text in templateVariable where text.split(separator: "=", maxSplits: 1).count < 2 {
            throw ValidationError("--template-variable \(text): expected a name, =, and a value.")
        }
    }

    /// The value of each variable; of two with one name, the later.
    var values: JSONObject {
        JSONObject(
            templateVariable.compactMap { text in
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], Self.value(parts[1])) : nil
            })
    }

    /// A value as JSON or Python spells it, or else text.
    private static func value(_ text: String) -> JSONValue {
        switch text {
        case "True": true
        case "False": false
        case "None": .null
        default: (try? JSONValue(parsing: text)) ?? .string(text)
        }
    }

    /// Refuses a variable that the template of none of the models reads.
    func check(_ formats: [TextFormat]) throws {
        for name in values.keys where !formats.contains(where: { $0.template.reads(variable: name) }) {
            throw ValidationError(
                "--template-variable \(name) would be ignored: the chat template does not read it.")
        }
    }
}
