/// What rendering one template may cost, so that a hostile one can neither hang nor exhaust the machine.
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

/// What is left of the limits while a template renders.
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
