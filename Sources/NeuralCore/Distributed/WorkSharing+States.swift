/// Parameters that are updated each on one process, with the optimizer's states of them.
extension WorkSharing {
    /// The parameters that each process updates; nil where each updates all.
    package func shares(of model: some Module, for optimizer: any Optimizer) -> ParameterShares? {
        guard isShared, dealsOutStates, optimizer.updatesParametersApart, reduction != .plain else {
            return nil
        }
        return ParameterShares(of: model, among: communicator.size)
    }

    /// The norm of a gradient of which each process has a part.
    package func norm<Model>(of gradient: Gradient<Model>, _ shares: ParameterShares) -> Float {
        let owners = shares.owners
        let own = zip(gradient.parameters, owners).map {
            $1 == communicator.rank ? $0.value.sumOfSquares() : 0
        }
        let all = gathered([PartFigures(own)])
        // In the order of the parameters, as where one process has all.
        return Float(owners.indices.reduce(0) { $0 + all[owners[$1]].numbers[$1] }.squareRoot())
    }

    /// Gives the parameters that each process updated to all.
    package func gather(_ model: inout some Module, _ shares: ParameterShares) {
        let arrays = FlatArrays(writing: &model, in: shares.order)
        let means = ReductionMeans(communicator: communicator, memory: memory, usesThreadPool: true)
        TreeReduction.gather(arrays, shares.ranges, means)
    }

    /// Whether the states of all processes together are so large that each writes its own to a checkpoint.
    package func areLarge(_ own: OptimizerState) -> Bool {
        let bytes = own.tensors.values.reduce(0) { $0 + 4 * $1.count }
        let all = gathered([PartFigures([Double(bytes)])])
        return all.reduce(0) { $0 + $1.numbers[0] } >= Double(largeStates)
    }

    /// The states of all processes, on all of them.
    package func gathered(_ state: OptimizerState) -> OptimizerState {
        var all = OptimizerState(steps: state.steps)
        let own = state.tensors.sorted { $0.key < $1.key }
        var figures = PartFigures()
        for (place, (key, tensor)) in own.enumerated() {
            figures.named[key] = Float(place)
            figures.numbers.append(Double(tensor.shape.rank))
            figures.numbers += tensor.shape.extents.map(Double.init)
        }
        for (rank, figures) in gathered([figures]).enumerated() {
            var rest = figures.numbers[...]
            for key in figures.named.keys.sorted() {
                let extents = (0..<Int(rest.removeFirst())).map { _ in Int(rest.removeFirst()) }
                var tensor = state.tensors[key] ?? Tensor(zeros: Shape(extents))
                tensor.withUnsafeMutableBuffer {
                    communicator.broadcast(UnsafeMutableRawBufferPointer($0), from: rank)
                }
                all.tensors[key] = tensor
            }
        }
        return all
    }
}
