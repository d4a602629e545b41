public import Alignment
import JSON
import LanguageModel
public import Serving

/// A served model: its name, the tokenizer and template of its text, and its engine.
public struct ServedModel: Sendable {
    /// The name that requests call it by.
    public let name: String
    /// The tokenizer and template of its text.
    public let format: TextFormat
    /// The engine that generates.
    public let engine: ServingEngine
    /// Its tokens, for answers of a structure.
    private let tokens: TokenTrie

    /// A model that is served by a name.
    public init(name: String, format: TextFormat, engine: ServingEngine) {
        self.name = name
        self.format = format
        self.engine = engine
        tokens = TokenTrie(format.tokenizer)
    }

    /// Lets answers be values of a schema.
    func constraint(_ schema: JSONSchema) throws(APIError) -> TokenConstraint {
        do throws(JSONSchemaError) { return try TokenConstraint(schema, tokens) } catch {
            throw .invalid("response_format", "response_format.json_schema.schema: \(error)")
        }
    }

    /// The requests for the engine that a request of a client comes to, one for each of its prompts.
    func requests(_ prompts: [[Int32]], _ fields: GenerationFields, scoresPrompt: Bool = false)
        -> [ServingRequest]
    {
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
