import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// A model directory with all that goes with a model: tokenizer, chat template, how text is generated.
struct ModelFiles {
    let model: Transformer
    let tokenizer: BytePairTokenizer
    let template: ChatTemplate
    let configuration: TokenizerConfiguration
    private let folder: URL

    /// Reads a directory.
    ///
    /// Where it has no chat template, as base models do not, conversations are written in ChatML; the tokenizer must
    /// know its special tokens then.
    init(_ path: String, precision: MatrixPrecision = .float32) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw LikelihoodError.missing(file: path) }
        folder = URL(filePath: path)
        var model = try ModelDirectory(folder).languageModel()
        model.precision = precision
        self.model = model
        tokenizer = try BytePairTokenizer(contentsOf: folder.appending(component: "tokenizer.json"))
        let file = folder.appending(component: "tokenizer_config.json")
        let hasConfiguration = FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
        configuration =
            hasConfiguration ? try TokenizerConfiguration(contentsOf: file) : TokenizerConfiguration()
        let own =
            configuration.chatTemplate == nil ? ChatTemplate.chatML : try ChatTemplate(directory: folder)
        template = own.with(specialTokens: tokenizer.specialTokens.map(\.content))
    }

    /// The token that ends a turn of the assistant; nil where the template names none that the tokenizer knows.
    var endOfTurn: Int32? { template.tokens["eos_token"].flatMap { tokenizer.id(ofAddedToken: $0) } }

    /// The token that fills up batches elsewhere, as the model or else its tokenizer names it.
    var padding: Int32? {
        model.configuration.padding ?? configuration.padding.flatMap { tokenizer.id(ofAddedToken: $0) }
    }

    /// Writes a model with this tokenizer and template.
    ///
    /// - Parameter isChat: Whether the model answers in turns, so that generation ends with the end of a turn.
    func write(_ model: Transformer, to folder: URL, isChat: Bool) throws {
        try writeCompanions(to: folder, isChat: isChat)
        var model = model
        if isChat { model.endOfSequence = endings(of: model) }
        try ModelDirectory(folder).write(model)
    }

    /// The tokens that end a sequence of a model that answers in turns: the end of a turn before all others.
    func endings(of model: Transformer) -> [Int32] {
        guard let endOfTurn else { return model.endOfSequence }
        return [endOfTurn] + model.endOfSequence.filter { $0 != endOfTurn }
    }

    /// Writes what goes with a model.
    func writeCompanions(to folder: URL, isChat: Bool) throws {
        var configuration = configuration
        if isChat {
            configuration.chatTemplate = template.source
            configuration.endOfText = template.tokens["eos_token"] ?? configuration.endOfText
        }
        try writeAtomically(
            try Data(contentsOf: self.folder.appending(component: "tokenizer.json")),
            to: folder.appending(component: "tokenizer.json"))
        try configuration.write(to: folder.appending(component: "tokenizer_config.json"))
    }
}
