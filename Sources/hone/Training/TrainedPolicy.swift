import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// What a command trains: all of a model, or an adapter on it.
struct TrainedPolicy: TransformerParameters {
    // One of the two is there. They are no cases of an enumeration so that parameters can be moved in place.
    private var whole: Transformer?
    private var adapted: AdaptedTransformer?

    /// All of a model.
    init(_ model: Transformer) { whole = model }

    /// An adapter on a frozen model.
    init(_ adapted: AdaptedTransformer) { self.adapted = adapted }

    var transformer: Transformer {
        guard let model = whole ?? adapted?.transformer else {
            misuse("a policy that is neither whole nor adapted")
        }
        return model
    }

    func transformer(droppingWith random: RandomSource) -> Transformer {
        adapted?.transformer(droppingWith: random) ?? transformer
    }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        whole?.visitParameters(&visitor)
        adapted?.visitParameters(&visitor)
    }

    /// Writes the model, or the adapter alone where there is one and it is not to be merged.
    ///
    /// - Parameter base: The model that an adapter is for.
    func write(to folder: URL, chat: ChatModel, base: AdapterBase, isMerged: Bool) throws {
        if let adapted, !isMerged {
            try chat.format.write(to: folder)
            try ModelDirectory(folder).write(try base.folded(adapted), base: base.path)
        } else {
            try chat.with(adapted?.merged ?? transformer).write(to: folder)
        }
    }
}
