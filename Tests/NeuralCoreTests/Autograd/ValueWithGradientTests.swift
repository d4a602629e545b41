import NeuralCore
import Synchronization
import Testing

@Suite struct ValueWithGradientTests {
    let pair = Pair(first: Tensor([1, 2, 3]), second: Tensor([4, 5, 6]))

    @Test func productRule() {
        let (value, gradient) = valueWithGradient(at: pair) { total(product($0.first, $0.second)) }
        #expect(value == 32)
        #expect(gradient.first.scalars == [4, 5, 6])
        #expect(gradient.second.scalars == [1, 2, 3])
    }

    @Test func everyUseOfAParameterAddsToItsGradient() {
        let (value, gradient) = valueWithGradient(at: pair) { model in
            total(product(product(model.first, model.first), model.first))
        }
        #expect(value == 36)
        #expect(gradient.first.scalars == [3, 12, 27])
    }

    @Test func anUnusedParameterHasGradientZero() {
        let (_, gradient) = valueWithGradient(at: pair) { total($0.first) }
        #expect(gradient.second.scalars == [0, 0, 0])
        let (value, constant) = valueWithGradient(at: pair) { _ in Tensor(7) }
        #expect(value == 7)
        #expect(constant.first.scalars == [0, 0, 0])
    }

    @Test func nothingIsRecordedOutsideTheClosure() {
        #expect(!product(pair.first, pair.second).isRecorded)
    }

    @Test func anEscapedTensorIsAPlainValue() {
        var escaped = Tensor(0)
        _ = valueWithGradient(at: pair) { model in
            escaped = product(model.first, model.second)
            #expect(escaped.isRecorded)
            return total(escaped)
        }
        #expect(!escaped.isRecorded)
        #expect(!product(escaped, escaped).isRecorded)
        let again = valueWithGradient(at: pair) { total(product($0.first, escaped)) }
        #expect(again.gradient.first.scalars == [4, 10, 18])
    }

    @Test func theInnerCallSeesTheOuterOnesTensorsAsConstants() {
        let (value, gradient) = valueWithGradient(at: pair) { outer in
            let inner = valueWithGradient(at: pair) { inner in
                total(product(inner.first, outer.second))
            }
            #expect(inner.gradient.first.scalars == [4, 5, 6])
            return total(product(outer.first, inner.gradient.first))
        }
        #expect(value == 32)
        #expect(gradient.first.scalars == [4, 5, 6])
        #expect(gradient.second.scalars == [0, 0, 0])
    }

    @Test func differentiatingAPartFreezesTheRest() {
        struct Half: Module {
            var first: Tensor
            mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
                visitor.visit(&first, named: "first")
            }
        }
        let (_, gradient) = valueWithGradient(at: Half(first: pair.first)) { half in
            var whole = pair
            whole.first = half.first
            return total(product(whole.first, whole.second))
        }
        #expect(gradient.first.scalars == [4, 5, 6])
    }

    @Test func aTypedErrorPassesThrough() {
        struct Refusal: Error, Equatable {}
        #expect(throws: Refusal()) {
            try valueWithGradient(at: pair) { (_) throws(Refusal) -> Tensor in throw Refusal() }
        }
    }

    @Test func gradientsOfMicroBatchesAddUp() {
        var (_, sum) = valueWithGradient(at: pair) { total(product($0.first, $0.second)) }
        sum += valueWithGradient(at: pair) { total($0.first) }.gradient
        #expect(sum.first.scalars == [5, 6, 7])
        #expect(sum.second.scalars == [1, 2, 3])
    }

    @Test func aHundredThousandOperationsAreTornDownWithoutOverflow() {
        var abandoned: Tensor?
        _ = valueWithGradient(at: pair) { model in
            var x = model.first
            for _ in 0..<100_000 { x = product(x, model.second.detached) }
            abandoned = x
            return total(model.first)
        }
        #expect(abandoned?.isRecorded == false)
        abandoned = nil
    }

    @Test func aLossThatIsNoScalarNamesItsShape() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let pair = Pair(first: Tensor([1, 2, 3]), second: Tensor([4, 5, 6]))
            _ = valueWithGradient(at: pair) { $0.first }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("[3]"))
    }
}

/// Each gradient is given as soon as it is whole.
@Suite struct ValueWithGradientsTests {
    struct Weights: Module {
        var parts = (0..<4).map { Tensor([1, 2, 3 + Float($0)]) }

        mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
            for index in parts.indices { visitor.visit(&parts[index], named: "part\(index)") }
        }
    }

    /// The order in which gradients come; all of them are those of `valueWithGradient`.
    private func order(_ loss: ([Tensor]) -> Tensor) -> [Int] {
        var order: [Int] = []
        let (value, gradient) = valueWithGradient(at: Weights()) { loss($0.parts) }
        let same = valueWithGradients(at: Weights()) {
            loss($0.parts)
        } each: { place, found in
            order.append(place)
            #expect(found.scalars == gradient.parts[place].scalars)
        }
        #expect(value == same)
        return order
    }

    @Test func theLastOperandComesFirst() {
        let found = order { total(product(product(product($0[0], $0[1]), $0[2]), $0[3])) }
        #expect(found == [3, 2, 0, 1])
    }

    @Test func aParameterWaitsForAllOfItsUses() {
        let tied = order { total(product(product(product($0[0], $0[1]), $0[2]), $0[0])) }
        #expect(tied == [3, 2, 0, 1])
        let squared = order { total(product(product($0[1], $0[0]), product($0[2], $0[2]))) }
        #expect(squared == [3, 2, 1, 0])
    }

    @Test func whatIsNotUsedComesAtOnceAndWhatGetsNoGradientAtTheEnd() {
        let found = order { parts in
            let blocked = recorded(parts[1].detached, from: [parts[1]]) { _ in [nil] }
            return total(product(product(blocked, parts[2]), parts[3]))
        }
        #expect(found == [0, 3, 2, 1])
        #expect(order { _ in Tensor(7) } == [0, 1, 2, 3])
        #expect(order { total($0[2]) }.last == 2)
    }

    @Test func capturesOfWhatIsRecomputedComeWhenItHasBeen() {
        let found = order { parts in
            let x = checkpointed(product(parts[0], parts[1])) { product(product($0, parts[2]), parts[1]) }
            return total(product(x, parts[3]))
        }
        #expect(found == [3, 2, 0, 1])
    }
}

@Suite struct CheckpointedTests {
    let pair = Pair(first: Tensor([1, 2, 3]), second: Tensor([4, 5, 6]))

    @Test func givesTheSameGradientsIncludingThoseOfCaptures() {
        let plain = valueWithGradient(at: pair) { model in
            total(product(product(model.first, model.second), model.second))
        }
        let runs = Atomic<Int>(0)
        let recomputed = valueWithGradient(at: pair) { model in
            total(
                checkpointed(model.first) { x in
                    runs.add(1, ordering: .relaxed)
                    return product(product(x, model.second), model.second)
                })
        }
        #expect(runs.load(ordering: .relaxed) == 2)
        #expect(plain.value == recomputed.value)
        #expect(plain.gradient.first.scalars == recomputed.gradient.first.scalars)
        #expect(plain.gradient.second.scalars == recomputed.gradient.second.scalars)
    }

    @Test func severalOutputsAreRecomputedTogether() {
        @Sendable func outputs(_ x: Tensor, _ y: Tensor) -> [Tensor] {
            [product(x, y), Tensor(3), product(x, x), x]
        }
        let used = [[0], [2], [0, 2], [3, 0], [0, 1, 2, 3], [2, 2]]
        for places in used {
            func sum(_ outputs: [Tensor]) -> Tensor {
                places.map { total(outputs[$0]) }.reduce(Tensor(0)) { $0 + $1 }
            }
            let plain = valueWithGradient(at: pair) { model in
                sum(outputs(product(model.first, model.first), model.second))
            }
            let recomputed = valueWithGradient(at: pair) { model in
                sum(checkpointed(product(model.first, model.first)) { outputs($0, model.second) })
            }
            #expect(plain.value == recomputed.value)
            #expect(plain.gradient.first.scalars == recomputed.gradient.first.scalars)
            #expect(plain.gradient.second.scalars == recomputed.gradient.second.scalars)
        }
    }

    @Test func nests() {
        let plain = valueWithGradient(at: pair) { model in
            total(product(product(product(model.first, model.second), model.first), model.second))
        }
        let nested = valueWithGradient(at: pair) { model in
            total(
                checkpointed(product(model.first, model.second)) { x in
                    product(checkpointed(x) { product($0, model.first) }, model.second)
                })
        }
        #expect(plain.gradient.first.scalars == nested.gradient.first.scalars)
        #expect(plain.gradient.second.scalars == nested.gradient.second.scalars)
    }

    @Test func returningTheInputOrAConstantIsAllowed() {
        let identity = valueWithGradient(at: pair) { model in total(checkpointed(model.first) { $0 }) }
        #expect(identity.gradient.first.scalars == [1, 1, 1])
        let constant = valueWithGradient(at: pair) { model in
            total(checkpointed(model.first) { _ in Tensor(2) })
        }
        #expect(constant.value == 2)
        #expect(constant.gradient.first.scalars == [0, 0, 0])
    }

    @Test func outsideARecordingItSimplyRuns() {
        #expect(checkpointed(pair.first) { product($0, $0) }.scalars == [1, 4, 9])
    }
}
