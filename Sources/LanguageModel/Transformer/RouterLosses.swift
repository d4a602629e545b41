package import NeuralCore
import Synchronization

extension TransformerConfiguration {
    /// The losses of routers that training adds to its own, each over all tokens and all layers with experts.
    ///
    ///     balance = E · Σₑ fₑ · Pₑ        z = mean of (log Σₑ exp xₑ)²
    ///
    /// with the logits x, the number of experts E, the mean number of times fₑ that a token chose an expert, and its mean
    /// probability Pₑ.
    ///
    /// - SeeAlso: [Fedus et al. 2021](https://arxiv.org/abs/2101.03961), Eq. 4 to 6, as transformers has it, which counts each
    ///   choice of a token whole; [Zoph et al. 2022](https://arxiv.org/abs/2202.08906), Eq. 5. Departure: a mean over layers
    ///   where the latter has a sum.
    public struct RouterLosses: Sendable, Equatable {
        /// The weight of the load-balance loss, `router_aux_loss_coef`.
        public var balance: Float = 0.001
        /// Whether the load-balance loss counts, `output_router_logits`.
        public var balances = false
        /// The weight of the z-loss of routers, 1e-3 where it is used; no file keeps it.
        public var z: Float = 0

        /// Losses that are not added, with the weight that transformers gives them.
        public init() {}

        /// Whether anything is added.
        var areAdded: Bool { z != 0 || balances && balance != 0 }
    }
}

/// The logits of a model's routers in one forward pass or several, which are shared by the copies of the model.
final class RoutingRecord: Sendable {
    private let logits = Mutex<[Tensor]>([])

    func add(_ layers: ArraySlice<Tensor>) { logits.withLock { $0 += layers } }

    /// All logits, `[tokens of all layers, experts]`; nil where no router was asked.
    var all: Tensor? {
        let layers = logits.withLock { $0 }
        return layers.isEmpty ? nil : concatenated(layers)
    }
}

/// The losses of routers in the parts of a step.
package struct RouterFigures: Sendable {
    /// The sums over parts, each by its share.
    private var balance: Float?
    private var z: Float?

    /// No part yet.
    package init() {}

    /// The figures under TRL's name and ours; none of a model whose routers add nothing.
    package var metrics: [String: Float] {
        var metrics: [String: Float] = [:]
        metrics["aux_loss"] = balance
        metrics["router_z_loss"] = z
        return metrics
    }

    /// The figures as numbers, to go from one process to another.
    package var numbers: [Double] { [balance, z].flatMap { [$0 == nil ? 0 : 1, Double($0 ?? 0)] } }

    /// The number of ``numbers``.
    package static var numberCount: Int { 4 }

    /// Adds those of another part, by its ``numbers``.
    package mutating func add(_ numbers: some Collection<Double>) {
        let numbers = Array(numbers)
        if numbers[0] == 1 { balance = (balance ?? 0) + Float(numbers[1]) }
        if numbers[2] == 1 { z = (z ?? 0) + Float(numbers[3]) }
    }

    /// The loss of a model with the losses of its routers, as far as its configuration says. Differentiable.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - share: The part of the step that the loss is computed on: its tokens over all tokens. The losses of routers are
    ///     those of each part by itself.
    ///   - loss: Runs the model it is given.
    package mutating func adding(
        to model: Transformer, share: Float = 1, _ loss: (_ model: Transformer) -> Tensor
    ) -> Tensor {
        guard let weights = model.routerLosses, weights.areAdded else { return loss(model) }
        var model = model
        let record = RoutingRecord()
        model.routing = record
        var sum = loss(model)
        guard let logits = record.all else { return sum }
        if weights.balances, weights.balance != 0 {
            let value = model.balanceLoss(of: logits)
            balance = (balance ?? 0) + value.item() * share
            sum = sum + value * (weights.balance * share)
        }
        if weights.z != 0 {
            let value = (logits - logits.logSoftmax()).mean(along: 1).squared().mean()
            z = (z ?? 0) + value.item() * share
            sum = sum + value * (weights.z * share)
        }
        return sum
    }
}

extension Transformer {
    /// E · Σₑ fₑ · Pₑ, a scalar.
    fileprivate func balanceLoss(of logits: Tensor) -> Tensor {
        let perToken = configuration.experts?.perToken ?? 1
        let probabilities = logits.softmax()
        let counts = ExpertChoice(of: probabilities, perToken: perToken).counts
        let frequencies = Tensor(counts.map { Float($0) / Float(logits.rows) })
        return (probabilities.mean(along: 0) * frequencies).sum() * Float(logits.channels)
    }
}
