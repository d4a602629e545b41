/// Why a chat template cannot be read or rendered.
public enum JinjaError: Error, Hashable, Sendable {
    /// The template is no valid Jinja.
    case syntax(line: Int, reason: String)
    /// The template uses something of Jinja or Python that is not supported here.
    case unsupported(line: Int, construct: String)
    /// An operation had no meaning for its values, as in Python's `TypeError` or Jinja's `UndefinedError`.
    case failed(line: Int, reason: String)
    /// The template itself refused what it was given, by `raise_exception`.
    case raised(line: Int, message: String)
    /// Rendering would take more steps, memory or depth than templates are allowed.
    case tooCostly(line: Int, limit: String)
}

extension JinjaError: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        switch self {
        case .syntax(let line, let reason): "template line \(line): \(reason)"
        case .unsupported(let line, let construct): "template line \(line): \(construct) is not supported"
        case .failed(let line, let reason): "template line \(line): \(reason)"
        case .raised(_, let message): "the template refuses the conversation: \(message)"
        case .tooCostly(let line, let limit): "template line \(line): rendering exceeds \(limit)"
        }
    }
}

/// A ``JinjaError`` that does not know its line yet.
enum JinjaProblem: Error {
    case unsupported(String)
    case failed(String)
    case raised(String)
    case tooCostly(String)

    /// The error, once the line is known.
    func error(line: Int) -> JinjaError {
        switch self {
        case .unsupported(let construct): .unsupported(line: line, construct: construct)
        case .failed(let reason): .failed(line: line, reason: reason)
        case .raised(let message): .raised(line: line, message: message)
        case .tooCostly(let limit): .tooCostly(line: line, limit: limit)
        }
    }
}
