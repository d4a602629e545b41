import Alignment
import Conversations
import Feedback
internal import Foundation
import JSON
import LanguageModel
import Serving
internal import Synchronization

/// A server's answers and its rules of access, independent of the transport.
///
/// The interface is OpenAI's: `/v1/chat/completions`, `/v1/completions` and `/v1/models`; besides `/health`, `/metrics`, and
/// `/tokenize`, `/detokenize` and `/tokenizer_info` as lm-evaluation-harness asks for them; and at `/`, `/compare` and
/// `/results` pages for people, which use these and `/feedback`. A member of a request that is
/// not supported is refused by name.
public final class ModelServer: Sendable {
    /// The models, the first of which is asked where a request names none.
    public let models: [ServedModel]
    private let policy: AccessPolicy
    private let feedback: FeedbackDesk?
    private let created = Int(Date().timeIntervalSince1970)
    private let answers = Mutex(0)

    /// A server of models; only clients on this machine may use it unless `policy` allows others, and judgments of answers
    /// are kept only with `feedback`.
    public init(
        _ models: [ServedModel], policy: AccessPolicy = AccessPolicy(), feedback: FeedbackDesk? = nil
    ) {
        self.models = models
        self.policy = policy
        self.feedback = feedback
    }

    /// The most bytes of a request's body.
    public static let greatestBody = 8 << 20

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - method: `GET` or `POST`.
    ///   - path: The path, without the query after a question mark.
    ///   - headers: Those that were sent, their names in lower case.
    ///   - body: The body.
    public func answer(method: String, path: String, headers: [String: String], body: [UInt8]) async
        -> HTTPAnswer
    {
        do throws(APIError) {
            let page = method == "GET" ? HTTPAnswer.page(at: path) : nil
            try policy.check(headers, isOpen: path == "/health" || page != nil)
            if let page { return page }
            if let expected = FeedbackDesk.methods[path], method == expected {
                guard let feedback else { return try FeedbackDesk.closed(path) }
                return try feedback.answer(path, body)
            }
            return try await route(method, path, body)
        } catch {
            return .error(error)
        }
    }

    private func route(_ method: String, _ path: String, _ body: [UInt8]) async throws(APIError) -> HTTPAnswer
    {
        let methods = [
            "/health": "GET", "/metrics": "GET", "/v1/models": "GET", "/tokenizer_info": "GET",
            "/v1/chat/completions": "POST", "/v1/completions": "POST", "/tokenize": "POST",
            "/detokenize": "POST",
        ].merging(FeedbackDesk.methods) { own, _ in own }
        guard let expected = methods[path] else { throw .notFound("there is no \(path)") }
        guard method == expected else {
            throw APIError(status: 405, message: "\(path) is asked by \(expected), not by \(method)")
        }
        switch path {
        case "/health": return .json(["status": "ok"])
        case "/metrics": return .text(ServingMetrics.text(of: models))
        case "/v1/models": return .json(["object": "list", "data": .array(models.map(json))])
        case "/tokenizer_info": return .json(tokenizerInformation)
        case "/tokenize": return .json(try tokenize(RequestFields(body: body)))
        case "/detokenize": return .json(try detokenize(RequestFields(body: body)))
        case "/v1/chat/completions":
            let request = try ChatCompletions(RequestFields(body: body))
            return try await request.answer(by: model(request.fields.model), head("chatcmpl"))
        default:
            let request = try Completions(RequestFields(body: body))
            return try await request.answer(by: model(request.fields.model), head("cmpl"))
        }
    }

    private func model(_ name: String?) throws(APIError) -> ServedModel {
        guard let name else { return models[0] }
        guard let model = models.first(where: { $0.name == name }) else {
            let names = models.map(\.name).joined(separator: ", ")
            throw APIError(
                status: 404, message: "there is no model \(name); there is \(names)", parameter: "model")
        }
        return model
    }

    private func head(_ kind: String) -> AnswerHead {
        let number = answers.withLock { number in
            number += 1
            return number
        }
        return AnswerHead(id: "\(kind)-\(created)-\(number)", created: Int(Date().timeIntervalSince1970))
    }

    private func json(_ model: ServedModel) -> JSONValue {
        [
            "id": .string(model.name), "object": "model", "created": .integer(created), "owned_by": "hone",
            "max_model_len": .integer(model.engine.configuration.contextLength),
        ]
    }

    // MARK: Tokens

    private var tokenizerInformation: JSONValue {
        let format = models[0].format
        func token(_ name: String) -> JSONValue {
            format.template.tokens[name].map(JSONValue.string) ?? .null
        }
        return [
            "bos_token": token("bos_token"), "eos_token": token("eos_token"), "pad_token": token("pad_token"),
            "vocab_size": .integer(format.tokenizer.vocabularySize),
            "chat_template": format.templateProblem == nil ? .string(format.template.source) : .null,
        ]
    }

    private func tokenize(_ fields: RequestFields) throws(APIError) -> JSONValue {
        var fields = fields
        let model = try model(fields.string("model"))
        guard let text = try fields.string("prompt") else { throw .invalid("prompt", "prompt is missing") }
        let addsBoundaries = try fields.flag("add_special_tokens") ?? true
        try fields.finish()
        let tokenizer = model.format.tokenizer
        let tokens = (addsBoundaries ? tokenizer.boundaries.before : []) + tokenizer.encode(text)
        return [
            "count": .integer(tokens.count),
            "max_model_len": .integer(model.engine.configuration.contextLength),
            "tokens": .array(tokens.map { .integer(Int($0)) }),
        ]
    }

    private func detokenize(_ fields: RequestFields) throws(APIError) -> JSONValue {
        var fields = fields
        let model = try model(fields.string("model"))
        let value = fields.take("tokens") ?? .null
        try fields.finish()
        let known = 0..<model.format.tokenizer.vocabularySize
        let tokens =
            value.array?.compactMap { $0.integer.flatMap { known.contains($0) ? Int32($0) : nil } } ?? []
        guard tokens.count == value.array?.count else {
            throw fields.wrong("tokens", value, "a list of token ids below \(known.upperBound)")
        }
        return ["prompt": .string(model.format.tokenizer.decode(tokens))]
    }
}
