public import Feedback
internal import Foundation
public import JSON

/// What a server asks people, and where it keeps what they say.
public struct FeedbackDesk: Sendable {
    /// Where judgments are kept.
    public let log: any FeedbackLog
    /// Prompts to compare answers to: each a list of messages.
    public let prompts: [[JSONValue]]
    /// Comparisons to work toward.
    public let goal: Int

    /// A desk.
    public init(_ log: any FeedbackLog, prompts: [[JSONValue]] = [], goal: Int = 60) {
        self.log = log
        self.prompts = prompts
        self.goal = goal
    }

    /// Its paths, and the methods that ask them.
    static let methods = [
        "/feedback": "GET", "/feedback/results": "GET", "/feedback/judgments": "POST",
        "/feedback/undo": "POST", "/feedback/next": "POST",
    ]

    /// What a server answers that keeps no feedback.
    static func closed(_ path: String) throws(APIError) -> HTTPAnswer {
        guard path == "/feedback" else {
            throw .notFound("this server keeps no feedback; start it with --feedback FILE")
        }
        return .json(["keeps": false])
    }

    func answer(_ path: String, _ body: [UInt8]) throws(APIError) -> HTTPAnswer {
        switch path {
        case "/feedback": return .json(try progress())
        case "/feedback/results": return .json(FeedbackResults(try judgments()).json)
        case "/feedback/judgments": return .json(try keep(body))
        case "/feedback/undo": return .json(try undo(RequestFields(body: body)))
        default: return .json(try next(RequestFields(body: body)))
        }
    }

    private func progress() throws(APIError) -> JSONValue {
        let done: Int
        do throws(FeedbackError) { done = try log.comparisons() } catch { throw APIError(error) }
        return [
            "keeps": true, "comparisons": .integer(done), "goal": .integer(goal),
            "prompts": .integer(prompts.count),
        ]
    }

    private func judgments() throws(APIError) -> [Judgment] {
        do throws(FeedbackError) { return try log.judgments() } catch { throw APIError(error) }
    }

    private func keep(_ body: [UInt8]) throws(APIError) -> JSONValue {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: body) } catch { throw APIError(error) }
        let judgment: Judgment
        do throws(JudgmentProblem) {
            judgment = try Judgment(json: json, time: Date().timeIntervalSince1970)
        } catch { throw .invalid(error.member, "\(error)") }
        do throws(FeedbackError) { try log.keep(judgment) } catch { throw APIError(error) }
        return ["kept": .string(judgment.key)]
    }

    private func undo(_ fields: RequestFields) throws(APIError) -> JSONValue {
        var fields = fields
        guard let key = try fields.string("key") else { throw .invalid("key", "key is missing") }
        try fields.finish()
        let wasKept: Bool
        do throws(FeedbackError) {
            wasKept = try log.takeBack(key, time: Date().timeIntervalSince1970)
        } catch { throw APIError(error) }
        guard wasKept else { throw .notFound("there is no judgment \(key)") }
        return ["taken_back": .string(key)]
    }

    /// What a person is to compare next: answers to a prompt that this person has not judged, or two answers that
    /// only others have.
    private func next(_ fields: RequestFields) throws(APIError) -> JSONValue {
        var fields = fields
        guard let rater = try fields.string("rater") else { throw .invalid("rater", "rater is missing") }
        let source = try fields.string("from") ?? "prompts"
        try fields.finish()
        let judgments = try judgments()
        let own = judgments.filter { $0.rater == rater && $0.isComparison }
        switch source {
        case "prompts":
            let seen = Set(own.map(\.prompt))
            let left = prompts.filter { !seen.contains($0) }
            return ["prompt": left.first.map(JSONValue.array) ?? .null, "left": .integer(left.count)]
        case "raters":
            let seen = Set(own.map(\.subject))
            var left: [Judgment.Subject: Judgment] = [:]
            let others = judgments.filter { $0.isComparison && !seen.contains($0.subject) }
            for judgment in others where left[judgment.subject] == nil { left[judgment.subject] = judgment }
            guard let first = others.first else { return ["prompt": .null, "left": 0] }
            let json = first.json
            return [
                "prompt": json["prompt"] ?? .null, "answers": json["answers"] ?? .null,
                "left": .integer(left.count),
            ]
        default: throw .invalid("from", "from is \(source); expected prompts or raters")
        }
    }
}

extension APIError {
    init(_ error: FeedbackError) { self.init(status: 500, message: error.description) }
}
