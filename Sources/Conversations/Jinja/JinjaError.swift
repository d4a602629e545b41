/// The reason why a chat template cannot be read or rendered.
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

/// Limits on rendering one template, so that a hostile one can neither hang nor exhaust the machine.
public struct JinjaLimits: Hashable, Sendable {
    /// Evaluated expressions and statements, and elements looked at.
    public var steps = 5_000_000
    /// Bytes of text and elements of lists made on the way, counted once for each copy.
    public var bytes = 1 << 28
    /// Expressions, statements, macros and values within one another.
    public var depth = 250

    /// The limits that are meant for everyday templates and long conversations.
    public init() {}
}

/// The rest of the limits while a template renders.
final class JinjaBudget {
    private let limits: JinjaLimits
    private var steps: Int
    private var bytes: Int
    private var depth = 0

    init(_ limits: JinjaLimits) {
        self.limits = limits
        steps = limits.steps
        bytes = limits.bytes
    }

    /// Counts steps.
    func spend(steps count: Int = 1) throws(JinjaProblem) {
        steps -= count
        if steps < 0 { throw .tooCostly("\(limits.steps) steps") }
    }

    /// Counts bytes, before they are made.
    func spend(bytes count: Int) throws(JinjaProblem) {
        bytes -= count
        if bytes < 0 { throw .tooCostly("\(limits.bytes) bytes") }
    }

    /// Counts `count` copies of something of the given size, however large the product.
    func spend(bytes size: Int, times count: Int) throws(JinjaProblem) {
        let (product, overflow) = size.multipliedReportingOverflow(by: max(0, count))
        try spend(bytes: overflow ? .max / 2 : product)
    }

    /// Does something one level further down.
    func deeper<R>(_ body: () throws(JinjaProblem) -> R) throws(JinjaProblem) -> R {
        try spend()
        depth += 1
        defer { depth -= 1 }
        if depth > limits.depth { throw .tooCostly("a depth of \(limits.depth)") }
        return try body()
    }

    /// Refuses values nested deeper than the limit.
    func check(depth: Int) throws(JinjaProblem) {
        if depth > limits.depth { throw .tooCostly("values nested \(limits.depth) deep") }
    }
}
