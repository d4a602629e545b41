internal import CKernels

/// The head of a teacher: frozen, and of any width, but of the student's vocabulary.
public struct TeacherHead: Sendable {
    /// Activations after the last normalization, `[rows, channels]`.
    public var hidden: Tensor
    /// `[vocabulary, channels]`.
    public var weight: Tensor
    /// Soft cap, temperature and precision.
    public var options: LanguageHeadOptions

    /// The head of a teacher that has read the student's tokens.
    public init(_ hidden: Tensor, weight: Tensor, options: LanguageHeadOptions = LanguageHeadOptions()) {
        self.hidden = hidden
        self.weight = weight
        self.options = options
    }
}

/// How far the distributions of a language head are from those of a teacher.
public struct LanguageHeadDivergence: Sendable {
    /// The weighted sum of the divergences in nats, a differentiable scalar.
    public let total: Tensor

    /// The divergence of the distribution that each target is predicted from, in nats, in the order of the targets.
    public let divergences: [Float]

    /// The entropy of the student's distribution, in nats, in the order of the targets.
    public let entropies: [Float]

    /// Whether each target was the student's most probable token.
    public let hits: [Bool]
}

/// The generalized Jensen–Shannon divergence between a student's and a teacher's distributions, of which neither's logits
/// are ever stored whole.
///
///     D = β KL(q ‖ m) + (1 − β) KL(p ‖ m),   m = (1 − β) p + β q
///
/// for the student's p and the teacher's q over the whole vocabulary; KL(q ‖ p) for β = 0 and KL(p ‖ q) for β = 1. A target
/// says where distributions are compared and how much that weighs; its token matters for `hits` alone. Where the result is
/// recorded, gradients are computed chunk by chunk while the scores are at hand; they flow to the student.
///
/// - Parameters:
///   - hidden: The student's activations after the last normalization, `[rows, channels]`.
///   - weight: The student's head, `[vocabulary, channels]`.
///   - teacher: The teacher's, with as many rows and tokens.
///   - targets: The places to compare at.
///   - beta: β, in 0...1.
///   - options: The student's soft cap, temperature and precision.
/// - Complexity: O(rows · vocabulary · channels) time; memory for a chunk of logits of both and for the gradients.
/// - SeeAlso: [Agarwal et al. 2023](https://arxiv.org/abs/2306.13649), Eq. 1. Departures: β weighs the teacher in the mixture,
///   and the ends are the two KL divergences rather than limits of zero, as in TRL.
public func languageHeadDivergence(
    _ hidden: Tensor, weight: Tensor, from teacher: TeacherHead, targets: [TokenTarget], beta: Float,
    options: LanguageHeadOptions = LanguageHeadOptions()
) -> LanguageHeadDivergence {
    guard 0...1 ~= beta else { misuse("a beta of \(beta); it lies in 0...1") }
    let head = LanguageHead(hidden, weight: weight, targets: targets, options: options)
    let other = LanguageHead(
        teacher.hidden, weight: teacher.weight, targets: targets, options: teacher.options)
    guard hidden.rows == teacher.hidden.rows, head.vocabularySize == other.vocabularySize else {
        misuse(
            "a student of \(hidden.rows) rows and \(head.vocabularySize) tokens, and a teacher of "
                + "\(teacher.hidden.rows) and \(other.vocabularySize)")
    }
    let statistics = LanguageHeadStatistics(of: head, wantsEntropies: true)
    let teacherStatistics = LanguageHeadStatistics(of: other, wantsEntropies: false)
    let rowWeights = Tensor(head.table.rowSums(head.table.ordered(targets.map(\.weight))))
    let divergences = Tensor(uninitialized: [head.rows])
    let hiddenGradient = hidden.isRecorded ? Tensor(uninitialized: head.hidden.shape) : nil
    let weightGradient = weight.isRecorded ? head.emptyWeightGradient() : nil
    let wantsGradient = hiddenGradient != nil || weightGradient != nil

    let teacherRoom = LanguageHead.ChunkRoom(for: other)
    let scale = options.kernelScale
    head.forEachChunk { chunk in
        withExtendedLifetime((teacherRoom, divergences, rowWeights)) {
            let taught = other.scored(chunk.rows, in: teacherRoom)
            teacherStatistics.read(taught, of: other)
            statistics.read(chunk, of: head)
            let first = chunk.rows.lowerBound
            parallelRows(chunk.rows.count, channels: head.vocabularySize) {
                ck_head_divergence(
                    chunk.scores, divergences.storage.pointer + first, taught.scores,
                    wantsGradient ? rowWeights.storage.pointer + first : nil,
                    statistics.logSums.storage.pointer + first,
                    teacherStatistics.logSums.storage.pointer + first, beta, scale, $0.lowerBound,
                    $0.upperBound, head.vocabularySize)
            }
        }
        if wantsGradient { head.addGradients(of: chunk, to: hiddenGradient, weightGradient) }
    }

    let ofRows = divergences.scalars
    let sum = zip(rowWeights.scalars, ofRows).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    let count = hidden.rows
    let total = recorded(Tensor(Float(sum)), from: [hidden, weight]) { cotangent in
        let factor = cotangent.item()
        return [
            hiddenGradient.map { head.gradientOfAll(factor == 1 ? $0 : $0.scaled(by: factor), rows: count) },
            weightGradient.map { factor == 1 ? $0 : $0.scaled(by: factor) },
        ]
    }
    let rowOfTarget = head.table.restored(head.table.rowOfEachTarget())
    let entropies = statistics.entropies.scalars
    return LanguageHeadDivergence(
        total: total, divergences: rowOfTarget.map { ofRows[Int($0)] },
        entropies: rowOfTarget.map { entropies[Int($0)] },
        hits: head.table.restored(statistics.hits.scalars.map { $0 == 1 }))
}
