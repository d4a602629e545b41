import JSON
import LanguageModel

/// The fields that both kinds of completion requests share.
struct GenerationFields {
    /// The name of the model; nil for the first.
    let model: String?
    let samples: Int
    var options: GenerationOptions
    let logitBias: [Int32: Float]
    let seed: UInt64
    /// The most tokens of thinking; nil for any number.
    let thinkingBudget: Int?
    let streams: Bool
    /// Whether a stream ends with the number of tokens.
    let streamsUsage: Bool

    /// - Parameters:
    ///   - fields: Those of the request, from which they are taken.
    ///   - maxTokens: The most tokens, if the request does not set it.
    init(_ fields: inout RequestFields, maxTokens: Int) throws(APIError) {
        model = try fields.string("model")
        samples = try fields.integer("n", in: 1...128) ?? 1
        var sampling = Sampling()
        sampling.temperature = try fields.number("temperature", in: 0...2) ?? 1
        // Clients write "all" as 1 for top_p, and as 0 or -1 for top_k.
        if let topP = try fields.number("top_p", in: 0...1), topP < 1 {
            sampling.topP = max(topP, .leastNormalMagnitude)
        }
        if let topK = try fields.integer("top_k", in: -1...Int(Int32.max)), topK > 0 { sampling.topK = topK }
        if let minP = try fields.number("min_p", in: 0...1), minP > 0 { sampling.minP = minP }
        sampling.repetitionPenalty = try fields.number("repetition_penalty", in: 0.01...100) ?? 1
        let limit = try fields.integer("max_tokens", in: 0...Int(Int32.max))
        let newLimit = try fields.integer("max_completion_tokens", in: 0...Int(Int32.max))
        if let limit, let newLimit, limit != newLimit {
            throw .invalid("max_tokens", "max_tokens and max_completion_tokens differ; give one of them")
        }
        options = GenerationOptions(
            sampling: sampling, maxTokens: limit ?? newLimit ?? maxTokens,
            stopStrings: try fields.strings("stop", atMost: 16))
        logitBias = try Self.bias(&fields)
        let seed = try fields.integer("seed", in: Int.min...Int.max)
        self.seed = seed.map { UInt64(bitPattern: Int64($0)) } ?? .random(in: 0 ... .max)
        thinkingBudget = try fields.integer("thinking_token_budget", in: 0...Int(Int32.max))
        streams = try fields.flag("stream") ?? false
        var streamsUsage = false
        if var options = try fields.fields("stream_options") {
            streamsUsage = try options.flag("include_usage") ?? false
            try options.finish()
        }
        self.streamsUsage = streamsUsage
        try fields.only("frequency_penalty", 0)
        try fields.only("presence_penalty", 0)
        try fields.only("store", false)
        fields.ignore("user", "metadata", "service_tier")
    }

    /// Reads the numbers added to logits: from -100 to 100, as in OpenAI's interface.
    private static func bias(_ fields: inout RequestFields) throws(APIError) -> [Int32: Float] {
        guard let value = fields.take("logit_bias") else { return [:] }
        guard let object = value.object else { throw fields.wrong("logit_bias", value, "an object") }
        var bias: [Int32: Float] = [:]
        for key in object.keys {
            let value = object[key] ?? .null
            guard let token = Int32(key), token >= 0, let addend = value.number, abs(addend) <= 100 else {
                throw .invalid(
                    "logit_bias",
                    "logit_bias has \(key): \(value.shown); expected a token's id with -100 to 100")
            }
            bias[token] = Float(addend)
        }
        return bias
    }
}
