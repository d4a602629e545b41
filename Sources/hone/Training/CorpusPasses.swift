import Formatting
import LanguageModel
import NeuralCore

/// The number of passes over the corpus in a plan of pre-training, and a plan that fits the corpus better.
struct CorpusPasses {
    /// Tokens of the training part, those between documents included.
    var corpusTokens: Int
    /// Tokens of all steps.
    var plannedTokens: Double

    /// The most passes for which repeated text is nearly as useful as new text.
    ///
    /// - SeeAlso: [Muennighoff et al. 2023](https://arxiv.org/abs/2305.16264), section 5.
    static let most = 4.0

    /// The number of passes over the corpus.
    var count: Double { plannedTokens / Double(max(1, corpusTokens)) }

    /// The number of passes over the corpus, in words.
    var described: String {
        switch count {
        case ..<1: "of which \(fixed(count * 100, count < 0.1 ? 1 : 0)) % are read"
        case ..<1.05: "read once"
        default: "read \(count < 10 ? fixed(count, 1) : grouped(Int(count.rounded()))) times"
        }
    }

    /// Returns a warning if the corpus would be read too often; nil otherwise.
    ///
    /// - Parameters:
    ///   - depth: That of the plan; nil where it is not to be chosen.
    ///   - model: The model of a depth, where there is one.
    func warning(depth: Int?, model: (Int) -> TransformerConfiguration?) -> String? {
        guard count > Self.most else { return nil }
        var text = """
            the plan reads the corpus of \(grouped(corpusTokens)) tokens \
            \(grouped(Int(count.rounded()))) times; beyond \(Int(Self.most)) times a model learns little more from it.
            """
        let enough = Int(Self.most * Double(corpusTokens))
        if let depth {
            let wanted = (1...depth).compactMap { depth in
                model(depth).map { (depth: depth, tokens: TrainingRecipe(for: $0).tokens) }
            }
            if let fitting = wanted.last(where: { $0.tokens <= enough && $0.depth < depth }) {
                text += " --depth \(fitting.depth) fits this corpus;"
            } else if let least = wanted.first, least.tokens > enough {
                text +=
                    " Not even --depth \(least.depth) fits this corpus: its \(grouped(least.tokens)) tokens read it \(grouped(least.tokens / max(1, corpusTokens))) times;"
            }
        }
        return text + " --tokens \(enough) reads it \(Int(Self.most)) times"
    }
}
