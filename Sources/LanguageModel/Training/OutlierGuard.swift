/// Tells a gradient norm that is far out of line with those of recent steps.
///
/// A single damaged document can undo hours of training. A norm more than `tolerance` times the median of the last
/// `window` accepted ones is an outlier. Nothing is one until the window is full, and a refused norm does not enter
/// it; after as many refusals in a row as half a window the guard starts anew, because then the norms have changed
/// for good.
public struct OutlierGuard: Sendable, Hashable, Codable {
    /// How many times the median a norm may be.
    public var tolerance: Float
    /// How many accepted norms are remembered.
    public var window: Int

    private var recent: [Float] = []
    private var next = 0
    private var refusals = 0

    /// Refuses norms beyond `tolerance` times the median of the last `window`.
    public init(tolerance: Float = 10, window: Int = 64) {
        self.tolerance = tolerance
        self.window = max(2, window)
    }

    /// How many times the recent median `norm` is, if that is too many; otherwise remembers it.
    mutating func excess(of norm: Float) -> Float? {
        if recent.count == window {
            let median = recent.sorted()[window / 2]
            if norm > tolerance * median {
                refusals += 1
                if refusals >= window / 2 { self = OutlierGuard(tolerance: tolerance, window: window) }
                return norm / median
            }
            recent[next] = norm
            next = (next + 1) % window
        } else {
            recent.append(norm)
        }
        refusals = 0
        return nil
    }
}
