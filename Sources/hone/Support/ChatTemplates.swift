import Alignment
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
    /// The template of this name: a built-in one, or a file in Jinja.
    static func named(_ name: String) throws(ChatTemplateError) -> ChatTemplate {
        switch name {
        case "chatml": return .chatML
        case "llama3": return .llama3
        case "qwen": return .qwen
        case "mistral": return .mistral
        case "zephyr": return .zephyr
        default:
            guard let source = try? String(contentsOfFile: name, encoding: .utf8) else {
                throw .unreadable(file: name, reason: "no built-in template or readable file")
            }
            do {
                return try ChatTemplate(source)
            } catch {
                throw .template(error)
            }
        }
    }
}
