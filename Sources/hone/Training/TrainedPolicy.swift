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

    /// Writes the model, or the adapter alone where there is one.
    ///
    /// - Parameter base: The model that the adapter is for; nil to merge it.
    func write(to folder: URL, chat: ChatModel, base: AdapterBase?) throws {
        if let adapted, let base {
            try chat.with(adapted).write(to: folder, base)
        } else {
            try chat.with(adapted?.merged ?? transformer).write(to: folder)
        }
    }
}
