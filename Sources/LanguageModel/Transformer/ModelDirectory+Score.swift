import Foundation
import JSON
package import NeuralCore

extension ModelDirectory {
    /// A transformer without a language head, and the map from its last activations to one score, `[1, width]`.
    ///
    /// - Throws: `ModelDirectoryError` where the directory does not hold a model of one label.
    package func scoredTransformer() throws(ModelDirectoryError) -> (body: Transformer, score: Linear) {
        let contents = try contents()
        guard contents == .rewardModel else {
            throw .unsupported(
                file: url.path(percentEncoded: false), key: "contents", found: contents.words,
                supported: "a model for sequence classification with one label")
        }
        var configuration = try configuration()
        // No language head is kept, whatever the file says of it.
        configuration.tiesEmbeddings = true
        let checkpoint = try checkpoint(for: configuration)
        let layout = configuration.family.layout(of: checkpoint, hasHead: false)
        var model = Scored(
            body: Transformer(uninitialized: configuration),
            score: Linear(weight: Tensor(zeros: [1, configuration.width])))
        do throws(CheckpointError) {
            if configuration.family.joinedNames != nil {
                var parameters = Scored(
                    body: JoinedParameters(uninitialized: model.body), score: model.score)
                try checkpoint.loadParameters(into: &parameters, layout: layout)
                parameters.body.restore(into: &model.body)
                model.score = parameters.score
            } else {
                try checkpoint.loadParameters(into: &model, layout: layout)
            }
            return (model.body, model.score)
        } catch {
            throw .checkpoint(error)
        }
    }

    /// Writes a transformer with a score in place of its language head, as transformers' class for sequence
    /// classification with one label.
    ///
    /// - Parameters:
    ///   - body: Reads the text.
    ///   - score: `[1, width]`, without bias.
    ///   - padding: The token that fills up shorter texts of a batch in transformers, which reads the score at the last
    ///     token that is another; so it must never be the last of a text.
    ///   - type: The element type of the stored numbers.
    package func write(
        _ body: Transformer, score: Linear, padding: Int32, as type: StoredType
    ) throws(ModelDirectoryError) {
        try body.configuration.requireWritable(to: url.appending(component: "config.json").path)
        var body = body.merged
        body.separateHead = nil
        var weights = SafetensorsWriter()
        weights.add(parametersOf: body, as: type)
        weights.add(score.weight, named: "score.weight", as: type)
        let configuration = body.configuration
        try write(weights, to: "model.safetensors") {
            configuration.configurationFile(
                architecture: "\(configuration.architecturePrefix)ForSequenceClassification",
                dtype: type.torchName,
                extra: [
                    "num_labels": 1, "id2label": ["0": "LABEL_0"], "label2id": ["LABEL_0": 0],
                    "pad_token_id": .integer(Int(padding)),
                ])
        }
    }
}

/// The parameters of a transformer, under the names of its family's checkpoints, and a score.
private struct Scored<Body: Module>: Module {
    var body: Body
    var score: Linear

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) {
        body.visitParameters(&visitor)
        visitor.visit(&score, named: "score")
    }
}
