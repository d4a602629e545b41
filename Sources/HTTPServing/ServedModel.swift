public import Alignment
import Conversations
import JSON
import LanguageModel
public import Serving
internal import Synchronization

/// A served model: its name, the tokenizer and template of its text, and its engine.
public struct ServedModel: Sendable {
    /// The name that requests call it by.
    public let name: String
    /// The tokenizer and template of its text.
    public let format: TextFormat
    /// The engine that generates.
    public let engine: ServingEngine
    /// The text that ends thinking when the budget of a request is used; nil for the template's.
    private let thinkingEnd: String?
    /// Its tokens, for answers of a structure.
    private let tokens: TokenTrie
    /// The form in which its template writes calls of tools; nil where it has none that is known.
    let callFormat: ToolCallFormat?
    /// The special tokens that are part of calls.
    let tokensOfCalls: Set<Int32>
    private let constraints = KnownConstraints()

    /// A model that is served by a name.
    ///
    /// - Parameters:
    ///   - name: The name that requests call it by.
    ///   - format: The tokenizer and template of its text.
    ///   - engine: The engine that generates.
    ///   - thinkingEnd: The text that ends thinking when the budget of a request is used, with one `</think>`; nil for the
    ///     end that the template writes.
    public init(name: String, format: TextFormat, engine: ServingEngine, thinkingEnd: String? = nil) {
        self.name = name
        self.format = format
        self.engine = engine
        self.thinkingEnd = thinkingEnd
        callFormat = format.templateProblem == nil ? ToolCallFormat(of: format.template) : nil
        let marks = callFormat?.marks ?? []
        tokens = TokenTrie(format.tokenizer, marks: marks)
        tokensOfCalls = Set(marks.compactMap { format.tokenizer.id(ofAddedToken: $0) })
    }

    /// How the answers to a request think.
    ///
    /// - Throws: An error where the budget and the end that is put in behind it leave no room for an answer.
    func thinking(_ fields: GenerationFields) throws(APIError) -> Thinking {
        let thinking = format.thinking(budget: fields.thinkingBudget, end: thinkingEnd)
        guard let budget = fields.thinkingBudget else { return thinking }
        let end = thinking.ending(format.tokenizer).count
        let (most, context) = (fields.options.maxTokens, engine.configuration.contextLength)
        guard budget >= min(most, context) - end else { return thinking }
        let place = most <= context ? "max_tokens \(most)" : "the model's context of \(context)"
        throw .invalid(
            "thinking_token_budget",
            "thinking_token_budget is \(budget): with the \(end) tokens that end thinking it leaves no room for an answer "
                + "in \(place)")
    }

    /// Lets answers have a structure that a member of the request asks for.
    func constraint(_ structure: TextStructure, for member: String) throws(APIError) -> TokenConstraint {
        do throws(JSONSchemaError) { return try constraints.constraint(structure, tokens) } catch {
            throw .invalid(member, "\(member): \(error)")
        }
    }

    /// The requests for the engine that a request of a client comes to, one for each of its prompts.
    ///
    /// - Throws: An error where `logit_bias` is for a token that the model does not have.
    func requests(
        _ prompts: [[Int32]], _ fields: GenerationFields, scoresPrompt: Bool = false
    ) throws(APIError) -> [ServingRequest] {
        let vocabulary = engine.configuration.vocabularySize
        if let token = fields.logitBias.keys.filter({ Int($0) >= vocabulary }).min() {
            throw .invalid(
                "logit_bias",
                "logit_bias has token \(token); expected one of the model's, from 0 to \(vocabulary - 1)")
        }
        var options = fields.options
        options.stopTokens = format.stopTokens
        return prompts.map { prompt in
            ServingRequest(
                prompt: prompt, samples: fields.samples, options: options, logitBias: fields.logitBias,
                seed: fields.seed, scoresPrompt: scoresPrompt)
        }
    }

    /// A token as text: those that are no whole characters as `bytes:\xe2\x80`, as OpenAI's API writes them.
    func text(of token: Int32) -> String {
        let bytes = bytes(of: token)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let digits = bytes.map { byte in
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count == 1 ? "0" : "") + digits
        }
        return "bytes:" + digits.joined()
    }

    func bytes(of token: Int32) -> [UInt8] {
        (0..<Int32(format.tokenizer.vocabularySize)).contains(token)
            ? Array(format.tokenizer.bytes(of: token)) : []
    }
}

extension Decoding.Ending {
    /// The word for it in `finish_reason`.
    var finishReason: JSONValue { self == .length ? "length" : "stop" }
}

/// The tokens that a request has cost.
struct Usage {
    var prompt = 0
    var known = 0
    var completion = 0

    var json: JSONValue {
        [
            "prompt_tokens": .integer(prompt), "completion_tokens": .integer(completion),
            "total_tokens": .integer(prompt + completion),
            "prompt_tokens_details": ["cached_tokens": .integer(known)],
        ]
    }
}

/// The constraints of the latest requests, since those of one conversation ask for the same one.
private final class KnownConstraints: Sendable {
    private static let most = 8
    /// In order of use, the most recent last.
    private let known = Mutex<[(structure: TextStructure, constraint: TokenConstraint)]>([])

    func constraint(
        _ structure: TextStructure, _ tokens: TokenTrie
    ) throws(JSONSchemaError) -> TokenConstraint {
        let found = known.withLock { known -> TokenConstraint? in
            guard let index = known.firstIndex(where: { $0.structure == structure }) else { return nil }
            let entry = known.remove(at: index)
            known.append(entry)
            return entry.constraint
        }
        if let found { return found }
        let constraint = try TokenConstraint(structure, tokens)
        known.withLock { known in
            known.append((structure, constraint))
            if known.count > Self.most { known.removeFirst() }
        }
        return constraint
    }
}
