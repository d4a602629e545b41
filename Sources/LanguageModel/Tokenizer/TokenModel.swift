/// The model that turns one piece of text into ids: merges, or scores.
enum TokenModel: Sendable {
    case bytePair(BytePairModel)
    case unigram(UnigramModel)

    /// The tokens, spelled as the model sees them.
    var vocabulary: Vocabulary {
        switch self {
        case .bytePair(let model): model.vocabulary
        case .unigram(let model): model.vocabulary
        }
    }

    /// The merges, the first to be applied first; none of a unigram model.
    var rules: [MergeTable.Rule] { bytePair?.rules ?? [] }

    var alphabet: BytePairModel.Alphabet {
        switch self {
        case .bytePair(let model): model.alphabet
        case .unigram(let model): .characters(fallsBackToBytes: model.fallsBackToBytes)
        }
    }

    /// Stands for what cannot be written otherwise.
    var unknown: Int32? {
        switch self {
        case .bytePair(let model): model.unknown
        case .unigram(let model): model.unknown
        }
    }

    var bytePair: BytePairModel? {
        if case .bytePair(let model) = self { model } else { nil }
    }

    var takesWholePieces: Bool { bytePair?.takesWholePieces ?? false }

    /// Puts the ids of a piece into `merger.tokens`.
    func encode(_ piece: UnsafeBufferPointer<UInt8>, with merger: inout PieceMerger) {
        switch self {
        case .bytePair(let model): model.encode(piece, with: &merger)
        case .unigram(let model): model.encode(piece, steps: &merger.steps, into: &merger.tokens)
        }
    }
}
