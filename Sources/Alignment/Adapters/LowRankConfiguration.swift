/// What an adapter is made of.
///
///     var configuration = LowRankConfiguration(rank: 16)
///     configuration.targets = [.query, .value]
public struct LowRankConfiguration: Sendable, Hashable {
    /// A linear map of a block, by the name that PEFT's `target_modules` gives it.
    public enum Target: String, Sendable, CaseIterable {
        case query = "q_proj"
        case key = "k_proj"
        case value = "v_proj"
        case output = "o_proj"
        case gate = "gate_proj"
        case up = "up_proj"
        case down = "down_proj"
    }

    /// What the product of the two matrices is multiplied by.
    public enum Scaling: Sendable, Hashable {
        /// α / rank ([Hu et al. 2021](https://arxiv.org/abs/2106.09685), section 4.1).
        case byRank
        /// α / √rank: steps stay of one size as the rank grows ([Kalajdzievski 2023](https://arxiv.org/abs/2312.03732),
        /// theorem 3.2).
        case byRootOfRank

        func factor(alpha: Float, rank: Int) -> Float {
            alpha / (self == .byRank ? Float(rank) : Float(rank).squareRoot())
        }

        /// The numerator that gives the same scale at another rank.
        func alpha(_ alpha: Float, ofRank rank: Int, atRank other: Int) -> Float {
            let ratio = Float(other) / Float(rank)
            return alpha * (self == .byRank ? ratio : ratio.squareRoot())
        }
    }

    /// The extent between the two matrices, at least 1.
    public var rank: Int
    /// The numerator of the scale, greater than 0.
    public var alpha: Float
    /// What it is divided by.
    public var scaling: Scaling = .byRank
    /// The part of the activations that the branch does not see in training, in 0..<1.
    public var dropout: Float = 0
    /// The maps that are adapted, in every block.
    public var targets: Set<Target> = Set(Target.allCases)
    /// Whether each output also learns its own magnitude: DoRA
    /// ([Liu et al. 2024](https://arxiv.org/abs/2402.09353), Eq. 5).
    public var learnsMagnitudes = false

    /// An adapter of every linear map unless told otherwise.
    ///
    /// - Parameters:
    ///   - rank: The extent between the two matrices.
    ///   - alpha: The numerator of the scale; twice the rank unless given.
    public init(rank: Int = 16, alpha: Float? = nil) {
        self.rank = rank
        self.alpha = alpha ?? 2 * Float(rank)
    }
}
