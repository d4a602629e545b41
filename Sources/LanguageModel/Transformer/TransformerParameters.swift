public import NeuralCore

/// Parameters that make a transformer: all of one, or an adapter on a frozen one.
///
/// What a method of training moves is one of these, so that each method is written once:
///
///     valueWithGradient(at: parameters) { $0.transformer.loss(on: batch) }
///
/// differentiates every weight of a ``Transformer``, and of an adapter only what it adds.
public protocol TransformerParameters: Module {
    /// The transformer that these parameters make. Inside `valueWithGradient` it is recorded through them.
    var transformer: Transformer { get }

    /// The transformer for a step of training that drops something at random, if these parameters ask for that.
    ///
    /// - Parameter random: Says what is dropped. The methods that train without dropout ask for ``transformer``.
    func transformer(droppingWith random: RandomSource) -> Transformer
}

extension TransformerParameters {
    /// The transformer, with nothing dropped.
    public func transformer(droppingWith random: RandomSource) -> Transformer { transformer }
}

extension Transformer: TransformerParameters {
    /// The transformer itself.
    public var transformer: Transformer { self }
}
