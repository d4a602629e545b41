import NeuralCore
import Testing

@Suite struct GradientNormTests {
    private func gradient() -> Gradient<Pair> {
        valueWithGradient(at: Pair(first: Tensor([1, 2]), second: Tensor([4, 5]))) { pair in
            (pair.first * Tensor([3, 0])).sum() + (pair.second * Tensor([0, -4])).sum()
        }.gradient
    }

    @Test func theNormIsOverAllParameters() {
        #expect(gradient().norm == 5)
    }

    @Test func clippingScalesWhatIsTooLongAndReturnsTheNormBefore() {
        var clipped = gradient()
        #expect(clipped.clip(toNorm: 1) == 5)
        #expect(abs(clipped.norm - 1) < 1e-6)
        #expect(abs(clipped.first.scalars[0] - 0.6) < 1e-6)
        #expect(abs(clipped.second.scalars[1] + 0.8) < 1e-6)
    }

    @Test func clippingLeavesTheRestAlone() {
        var untouched = gradient()
        #expect(untouched.clip(toNorm: 5) == 5)
        #expect(untouched.first.scalars == [3, 0] && untouched.second.scalars == [0, -4])
    }

    @Test func aGradientThatIsNotFiniteHasSuchANorm() {
        var broken = gradient()
        broken.forEachParameter { _, gradient in gradient[0] = .nan }
        #expect(broken.norm.isNaN)
    }
}
