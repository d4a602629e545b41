import Foundation
import NeuralCore
import Testing

/// Activations and the head's weight.
private struct Operands: Module {
    var hidden: Tensor
    var weight: Tensor

    init(rows: Int, vocabularySize: Int, channels: Int, seed: UInt64 = 1) {
        var random = RandomSource(seed: seed)
        hidden = Tensor(of: [rows, channels], from: .normal(), using: &random)
        weight = Tensor(of: [vocabularySize, channels], from: .normal(), using: &random)
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        visitor.visit(&hidden, named: "hidden")
        visitor.visit(&weight, named: "weight")
    }
}

/// A head in plain Double arithmetic.
private struct Reference {
    let hidden: [Double]
    let weight: [Double]
    let channels: Int
    let options: LanguageHeadOptions

    /// The log-probabilities of a row and the logarithm of its normalizer.
    func row(_ row: Int) -> (logProbabilities: [Double], logSum: Double) {
        let h = hidden[row * channels..<(row + 1) * channels]
        let scores = stride(from: 0, to: weight.count, by: channels).map { start -> Double in
            let logit = zip(h, weight[start..<start + channels]).reduce(0) { $0 + $1.0 * $1.1 }
            let capped = options.softCap.map { Double($0) * tanh(logit / Double($0)) } ?? logit
            return capped / Double(options.temperature)
        }
        let logSum = log(scores.reduce(0) { $0 + exp($1) })
        return (scores.map { $0 - logSum }, logSum)
    }

    func loss(_ targets: [TokenTarget], zLoss: Double) -> Double {
        targets.reduce(0) { sum, target in
            let (logP, logSum) = row(Int(target.row))
            return sum + Double(target.weight) * (zLoss * logSum * logSum - logP[Int(target.token)])
        }
    }
}

@Suite struct LanguageHeadTests {
    /// Rows out of order, one asked three times, one not at all.
    static let targets = [
        TokenTarget(row: 4, token: 6, weight: 0.5), TokenTarget(row: 0, token: 2, weight: 2),
        TokenTarget(row: 2, token: 0), TokenTarget(row: 0, token: 2),
        TokenTarget(row: 0, token: 12, weight: -1),
        TokenTarget(row: 1, token: 3),
    ]
    static let options = [
        LanguageHeadOptions(), LanguageHeadOptions(softCap: 4), LanguageHeadOptions(temperature: 0.7),
        LanguageHeadOptions(softCap: 2, temperature: 1.5),
    ]

    /// Central differences with respect to one operand.
    private func differences(
        _ operands: Operands, _ key: KeyPath<Operands, Tensor>, _ options: LanguageHeadOptions,
        _ function: (Reference) -> Double
    ) -> [Double] {
        let step = 1e-5
        return operands[keyPath: key].scalars.indices.map { index in
            let sides = [step, -step].map { offset in
                var hidden = operands.hidden.scalars.map(Double.init)
                var weight = operands.weight.scalars.map(Double.init)
                if key == \Operands.hidden { hidden[index] += offset } else { weight[index] += offset }
                return function(
                    Reference(
                        hidden: hidden, weight: weight, channels: operands.hidden.channels, options: options))
            }
            return (sides[0] - sides[1]) / (2 * step)
        }
    }

    private func exact(_ operands: Operands, _ options: LanguageHeadOptions) -> Reference {
        Reference(
            hidden: operands.hidden.scalars.map(Double.init),
            weight: operands.weight.scalars.map(Double.init),
            channels: operands.hidden.channels, options: options)
    }

    @Test func uniformLogitsCostLogVocabulary() {
        let loss = languageHeadLoss(
            Tensor(zeros: [3, 8]), weight: Tensor(ones: [50, 8]),
            targets: [TokenTarget(row: 0, token: 7), TokenTarget(row: 2, token: 49, weight: 2)])
        #expect(abs(loss.total.item() - 3 * log(50)) < 1e-5)
        #expect(loss.logProbabilities.allSatisfy { abs($0 + log(50)) < 1e-6 })
    }

    @Test(arguments: options, [0, 0.1])
    func lossMatchesReference(_ options: LanguageHeadOptions, zLoss: Double) {
        let operands = Operands(rows: 5, vocabularySize: 13, channels: 6)
        var details: LanguageHeadLoss?
        let (value, gradient) = valueWithGradient(at: operands) { operands in
            let loss = languageHeadLoss(
                operands.hidden, weight: operands.weight, targets: Self.targets, zLoss: Float(zLoss),
                options: options)
            details = loss
            return loss.total
        }
        let reference = exact(operands, options)
        #expect(abs(Double(value) - reference.loss(Self.targets, zLoss: zLoss)) < 1e-5)
        for (target, (logP, hit)) in zip(
            Self.targets, zip(details?.logProbabilities ?? [], details?.hits ?? []))
        {
            let row = reference.row(Int(target.row)).logProbabilities
            #expect(abs(Double(logP) - row[Int(target.token)]) < 3e-6)
            #expect(hit == (row[Int(target.token)] == row.max()))
        }
        let loss = { (reference: Reference) in reference.loss(Self.targets, zLoss: zLoss) }
        #expect(
            relativeError(gradient.hidden.scalars, differences(operands, \.hidden, options, loss)) < 1e-5)
        #expect(
            relativeError(gradient.weight.scalars, differences(operands, \.weight, options, loss)) < 1e-5)
    }

    @Test(arguments: options)
    func predictionsMatchReference(_ options: LanguageHeadOptions) {
        let operands = Operands(rows: 5, vocabularySize: 13, channels: 6)
        let coefficients: [Float] = [0.3, -1, 0.8, 2, -0.2, 0.1],
            bonus: [Float] = [-0.4, 0.7, 1.1, 0.2, 0.5, -2]
        let (value, gradient) = valueWithGradient(at: operands) { operands in
            let predictions = tokenPredictions(
                operands.hidden, weight: operands.weight, targets: Self.targets, options: options)
            return (predictions.logProbabilities * Tensor(coefficients)).sum()
                + (predictions.entropies * Tensor(bonus)).sum()
        }
        let objective = { (reference: Reference) in
            Self.targets.indices.reduce(0.0) { sum, index in
                let row = reference.row(Int(Self.targets[index].row)).logProbabilities
                let entropy = -row.reduce(0) { $0 + exp($1) * $1 }
                return sum + Double(coefficients[index]) * row[Int(Self.targets[index].token)]
                    + Double(bonus[index]) * entropy
            }
        }
        #expect(abs(Double(value) - objective(exact(operands, options))) < 2e-5)
        #expect(
            relativeError(gradient.hidden.scalars, differences(operands, \.hidden, options, objective)) < 1e-5
        )
        #expect(
            relativeError(gradient.weight.scalars, differences(operands, \.weight, options, objective)) < 1e-5
        )
    }

    /// Targets for rows and tokens in turn.
    private static func scattered(
        _ count: Int, rows: Int32, vocabularySize: Int32, weight: Float
    ) -> [TokenTarget] {
        (0..<Int32(count)).map { (index: Int32) -> TokenTarget in
            TokenTarget(row: index % rows, token: index * 31 % vocabularySize, weight: weight)
        }
    }

    @Test(arguments: MatrixPrecision.allCases)
    func chunksAndFormsAgree(_ precision: MatrixPrecision) {
        // Three chunks of rows, the last one short.
        let operands = Operands(rows: 2_100, vocabularySize: 70, channels: 12)
        let targets = Self.scattered(2_100, rows: 2_100, vocabularySize: 70, weight: 0.01)
        let options = LanguageHeadOptions(precision: precision)
        let fused = valueWithGradient(at: operands) {
            languageHeadLoss($0.hidden, weight: $0.weight, targets: targets, options: options).total
        }
        let separate = valueWithGradient(at: operands) {
            tokenPredictions($0.hidden, weight: $0.weight, targets: targets, options: options)
                .logProbabilities.sum() * -0.01
        }
        let plain = valueWithGradient(at: operands) {
            crossEntropy(
                logits: matmul($0.hidden, $0.weight, transposing: .second, precision: precision),
                targets: targets.map(\.token)) * 21
        }
        for other in [separate, plain] {
            #expect(abs(fused.value - other.value) < 2e-6 * fused.value)
            // The gradients of the logits are rounded to 8 bits when the products are.
            let limit = precision == .bfloat16 ? 2e-3 : 1e-6
            for key in [\Gradient<Operands>.hidden, \.weight] {
                let expected = other.gradient[keyPath: key].scalars.map(Double.init)
                #expect(relativeError(fused.gradient[keyPath: key].scalars, expected) < limit)
            }
        }
    }

    @Test(arguments: MatrixPrecision.allCases)
    func sameBitsForAnyNumberOfThreads(_ precision: MatrixPrecision) {
        let operands = Operands(rows: 200, vocabularySize: 1_000, channels: 40)
        let targets = Self.scattered(300, rows: 190, vocabularySize: 1_000, weight: 1)
        let results = [1, 2, 3].map { threads in
            withThreads(threads) {
                valueWithGradient(at: operands) {
                    languageHeadLoss(
                        $0.hidden, weight: $0.weight, targets: targets, zLoss: 1e-3,
                        options: LanguageHeadOptions(softCap: 10, precision: precision)
                    ).total
                }
            }
        }
        for result in results {
            #expect(result.value == results[0].value)
            #expect(result.gradient.hidden.scalars == results[0].gradient.hidden.scalars)
            #expect(result.gradient.weight.scalars == results[0].gradient.weight.scalars)
        }
    }

    /// The head of a teacher of 9 channels, and the same in Double.
    private func teacher(rows: Int, vocabularySize: Int, _ options: LanguageHeadOptions = .init()) -> (
        head: TeacherHead, exact: Reference
    ) {
        let operands = Operands(rows: rows, vocabularySize: vocabularySize, channels: 9, seed: 5)
        return (
            TeacherHead(operands.hidden, weight: operands.weight, options: options),
            exact(operands, options)
        )
    }

    @Test(arguments: options, [0, 0.4, 1])
    func divergenceMatchesReference(_ options: LanguageHeadOptions, beta: Double) {
        let operands = Operands(rows: 5, vocabularySize: 13, channels: 6)
        let teacher = teacher(rows: 5, vocabularySize: 13, LanguageHeadOptions(softCap: 6, temperature: 1.2))
        var details: LanguageHeadDivergence?
        let (value, gradient) = valueWithGradient(at: operands) { operands in
            let divergence = languageHeadDivergence(
                operands.hidden, weight: operands.weight, from: teacher.head, targets: Self.targets,
                beta: Float(beta), options: options)
            details = divergence
            return divergence.total * 2
        }
        func divergence(_ reference: Reference, _ target: TokenTarget) -> Double {
            let logP = reference.row(Int(target.row)).logProbabilities
            let logQ = teacher.exact.row(Int(target.row)).logProbabilities
            func kl(_ a: [Double], _ b: [Double]) -> Double {
                zip(a, b).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
            }
            if beta == 0 { return kl(logQ, logP) }
            if beta == 1 { return kl(logP, logQ) }
            let logM = zip(logP, logQ).map { log((1 - beta) * exp($0) + beta * exp($1)) }
            return beta * kl(logQ, logM) + (1 - beta) * kl(logP, logM)
        }
        let loss = { (reference: Reference) in
            Self.targets.reduce(0.0) { $0 + 2 * Double($1.weight) * divergence(reference, $1) }
        }
        let reference = exact(operands, options)
        #expect(abs(Double(value) - loss(reference)) < 2e-5)
        for (index, target) in Self.targets.enumerated() {
            let row = reference.row(Int(target.row)).logProbabilities
            #expect(abs(Double(details!.divergences[index]) - divergence(reference, target)) < 5e-6)
            #expect(abs(Double(details!.entropies[index]) + row.reduce(0) { $0 + exp($1) * $1 }) < 5e-6)
            #expect(details!.hits[index] == (row[Int(target.token)] == row.max()))
        }
        #expect(
            relativeError(gradient.hidden.scalars, differences(operands, \.hidden, options, loss)) < 2e-5)
        #expect(
            relativeError(gradient.weight.scalars, differences(operands, \.weight, options, loss)) < 2e-5)
    }

    @Test(arguments: [0, 0.5, 1] as [Float])
    func divergenceIsTheSameInChunksAndForAnyNumberOfThreads(_ beta: Float) {
        // Three chunks of rows, the last one short; a part of them is one chunk.
        let (rows, vocabularySize) = (2_100, 70)
        let operands = Operands(rows: rows, vocabularySize: vocabularySize, channels: 12)
        let teacher = teacher(rows: rows, vocabularySize: vocabularySize).head
        let targets = Self.scattered(rows, rows: Int32(rows), vocabularySize: 70, weight: 0.01)
        func result(_ targets: [TokenTarget]) -> (value: Float, gradient: Gradient<Operands>) {
            valueWithGradient(at: operands) {
                languageHeadDivergence(
                    $0.hidden, weight: $0.weight, from: teacher, targets: targets, beta: beta
                ).total
            }
        }
        let results = [1, 2, 3].map { threads in withThreads(threads) { result(targets) } }
        for other in results {
            #expect(other.value == results[0].value)
            #expect(other.gradient.hidden.scalars == results[0].gradient.hidden.scalars)
            #expect(other.gradient.weight.scalars == results[0].gradient.weight.scalars)
        }
        var sum: Float = 0
        var weight = Tensor(zeros: operands.weight.shape)
        for begin in stride(from: 0, to: rows, by: 300) {
            let part = result(Array(targets[begin..<begin + 300]))
            sum += part.value
            weight = weight + part.gradient.weight
        }
        #expect(abs(sum - results[0].value) < 1e-5 * sum)
        let expected = results[0].gradient.weight.scalars.map(Double.init)
        #expect(relativeError(weight.scalars, expected) < 1e-5)
    }

    @Test(arguments: [0, 0.5, 1] as [Float])
    func aTeacherThatIsTheStudentTeachesNothing(_ beta: Float) {
        let operands = Operands(rows: 5, vocabularySize: 13, channels: 6)
        let same = TeacherHead(operands.hidden, weight: operands.weight)
        let (value, gradient) = valueWithGradient(at: operands) {
            languageHeadDivergence(
                $0.hidden, weight: $0.weight, from: same, targets: Self.targets, beta: beta
            ).total
        }
        #expect(abs(value) < 1e-6)
        #expect(gradient.weight.scalars.allSatisfy { abs($0) < 1e-6 })
    }

    @Test func noTargetsCostNothing() {
        let operands = Operands(rows: 5, vocabularySize: 13, channels: 6)
        let (value, gradient) = valueWithGradient(at: operands) {
            languageHeadLoss($0.hidden, weight: $0.weight, targets: []).total
        }
        #expect(value == 0)
        #expect(gradient.hidden.scalars.allSatisfy { $0 == 0 })
        #expect(gradient.weight.scalars.allSatisfy { $0 == 0 })
    }
}
