/// The sum of the gradients of the parts of a step, first over those of this rank, then over all ranks.
///
/// It takes the gradient of each parameter when it is whole. In the last part of this rank the sums of one bucket of parameters after
/// another become whole, and those of other ranks are added to them while the backward pass goes on.
package struct GradientSum {
    /// The parts of this rank.
    private let own: Range<Int>
    /// The sums over the parts of this rank, by parameter.
    private var sums: [PairwiseSum<Tensor>]
    /// Adds up those of all ranks; nil where there are no others.
    private var reduction: BucketReduction?

    /// The sum over as many parts, none taken yet.
    ///
    /// - Parameter shares: The parameters whose sum each rank gets, and no other; nil for all of them on all.
    package init(
        of count: Int, at model: some Module, _ sharing: WorkSharing, dealt shares: ParameterShares? = nil
    ) {
        own = sharing.own(of: count)
        let shapes = model.parameters.map(\.value.shape)
        sums = shapes.map { _ in PairwiseSum(of: count) { $0.add($1) } }
        guard sharing.isShared else { return }
        reduction = BucketReduction(of: shapes, parts: count, sharing, dealt: shares)
    }

    /// Takes the gradient of a part of this rank with respect to a parameter, by its place in the model's visit.
    ///
    /// Those of a parameter come in the order of the parts, those of a part in any order. From the first of the last part on, no
    /// other thread may call the communicator until ``total(at:)`` returns.
    package mutating func take(_ gradient: Tensor, ofParameter parameter: Int, part: Int) {
        // Before this one is taken, because whoever calls still holds it.
        reduction?.handOver()
        sums[parameter].take(gradient, index: part)
        if reduction != nil, part == own.upperBound - 1 {
            reduction?.finish(parameter, sums[parameter].removeNodes())
        }
    }

    /// The sum over all parts, the same on all ranks.
    package mutating func total<Model: Module>(at model: Model) -> Gradient<Model> {
        if reduction != nil { return Gradient(of: model, reduction!.total()) }
        // Moved, not copied: it is written in place.
        return Gradient(of: model, sums.indices.map { sums[$0].removeNodes()[0].value })
    }
}
