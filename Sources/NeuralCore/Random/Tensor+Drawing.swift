extension Tensor {
    /// A tensor of independent numbers from `distribution`.
    ///
    ///     let weight = Tensor(of: [3072, 768], from: .truncatedNormal(standardDeviation: 0.02), using: &random)
    public init(of shape: Shape, from distribution: Distribution, using random: inout RandomSource) {
        self.init(uninitialized: shape)
        withUnsafeMutableBuffer { random.fill($0, from: distribution) }
    }
}
