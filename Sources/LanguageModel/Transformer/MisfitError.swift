/// Two things that were brought together and do not fit; found before any work begins.
public enum MisfitError: Error, Sendable, Equatable {
    /// A tokenizer has ids that a model does not know.
    case vocabulary(tokenizer: Int, model: Int, name: String)
    /// Texts are longer than a model is meant for.
    case positions(context: Int, model: Int, name: String)
    /// Two models read the same text as different tokens.
    case tokenizers(id: Int32, found: String, expected: String, name: String)
    /// A teacher has distributions over another number of tokens than its student.
    case distributions(teacher: Int, student: Int, name: String)
}

extension MisfitError: CustomStringConvertible {
    /// A sentence with both figures.
    public var description: String {
        switch self {
        case .vocabulary(let tokenizer, let model, let name):
            "\(name): the tokenizer has \(tokenizer) tokens, and the model knows \(model)"
        case .positions(let context, let model, let name):
            "\(name): texts have up to \(context) tokens, and the model is meant for \(model)"
        case .tokenizers(let id, let found, let expected, let name):
            "\(name): token \(id) of its tokenizer is \(found); texts are encoded with a tokenizer that has \(expected) there"
        case .distributions(let teacher, let student, let name):
            "\(name): the teacher predicts \(teacher) tokens, and the student \(student); whole distributions are compared over the same ones"
        }
    }
}

extension TransformerConfiguration {
    /// Refuses a tokenizer with more ids than the model has rows for them.
    ///
    /// - Parameters:
    ///   - tokenizer: The tokenizer of the model.
    ///   - name: The name of the model in messages, such as its folder.
    public func check(_ tokenizer: BytePairTokenizer, name: String) throws(MisfitError) {
        guard tokenizer.vocabularySize <= vocabularySize else {
            throw .vocabulary(tokenizer: tokenizer.vocabularySize, model: vocabularySize, name: name)
        }
    }

    /// Refuses texts that are longer than ``contextLength``: a table of learned positions ends there, and rotary ones go
    /// on to where the model was never trained.
    ///
    /// - Parameters:
    ///   - context: The most tokens of a text.
    ///   - name: The name of the model in messages, such as its folder.
    public func check(context: Int, name: String) throws(MisfitError) {
        guard context <= contextLength else {
            throw .positions(context: context, model: contextLength, name: name)
        }
    }
}

extension BytePairTokenizer {
    /// Refuses a tokenizer that gives an id another meaning than this one does.
    ///
    /// Either may know tokens that the other lacks, such as those that mark the turns of a chat.
    ///
    /// - Parameters:
    ///   - other: The tokenizer of a model that is to read this one's ids.
    ///   - name: The name of that model in messages, such as its folder.
    public func check(_ other: BytePairTokenizer, name: String) throws(MisfitError) {
        for id in 0..<Int32(min(vocabularySize, other.vocabularySize))
        where bytes(of: id) != other.bytes(of: id) {
            func shown(_ tokenizer: BytePairTokenizer) -> String {
                "\"\(String(decoding: tokenizer.bytes(of: id).prefix(40), as: UTF8.self))\""
            }
            throw .tokenizers(id: id, found: shown(other), expected: shown(self), name: name)
        }
    }
}
