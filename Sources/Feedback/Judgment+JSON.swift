public import JSON

/// The member of a judgment that is not as it should be.
public struct JudgmentProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The member, such as `answers[1].text`.
    public var member: String
    /// What it is.
    public var found: String
    /// What it should be.
    public var expected: String

    /// A sentence for who sent it.
    public var description: String { "\(member) is \(found); expected \(expected)" }
}

extension Judgment {
    /// Reads a judgment, of which every member is known.
    ///
    /// - Parameters:
    ///   - json: An object with `key`, `rater`, `prompt`, `answers`, `choice` and perhaps `edit` and `note`.
    ///   - time: Seconds since 1970.
    public init(json: JSONValue, time: Double) throws(JudgmentProblem) {
        let members = try Members(json, at: "the judgment")
        try members.know("key", "rater", "prompt", "answers", "choice", "edit", "note")
        let word = try members.string("choice", 1...16)
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw JudgmentProblem(member: "choice", found: word, expected: "one of \(words)")
        }
        let prompt = try members.list("prompt")
        guard !prompt.isEmpty else {
            throw JudgmentProblem(member: "prompt", found: "empty", expected: "at least one message")
        }
        for (index, message) in prompt.enumerated() {
            let message = try Members(message, at: "prompt[\(index)]")
            _ = try message.string("role", 1...64)
        }
        let answers = try members.list("answers").enumerated().map { index, value throws(JudgmentProblem) in
            try JudgedAnswer(json: value, at: "answers[\(index)]")
        }
        guard answers.count == choice.answers else {
            throw JudgmentProblem(
                member: "answers", found: "\(answers.count) of them",
                expected: "\(choice.answers) for \(choice.rawValue)")
        }
        self.init(
            key: try members.string("key", 1...64), time: time, rater: try members.string("rater", 1...64),
            prompt: prompt, answers: answers, choice: choice, edit: try members.text("edit"),
            note: try members.text("note"))
        guard edit == nil || choice == .first || choice == .second || choice == .good else {
            throw JudgmentProblem(
                member: "edit", found: "given",
                expected: "an edit of the better answer, of which there is none")
        }
    }

    /// The judgment as it is read.
    public var json: JSONValue {
        [
            "key": .string(key), "time": .number(time), "rater": .string(rater), "prompt": .array(prompt),
            "answers": .array(answers.map(\.json)), "choice": .string(choice.rawValue),
            "edit": edit.map(JSONValue.string) ?? .null, "note": note.map(JSONValue.string) ?? .null,
        ]
    }
}

extension JudgedAnswer {
    init(json: JSONValue, at path: String) throws(JudgmentProblem) {
        let members = try Members(json, at: path)
        try members.know("text", "model", "sampling", "seed")
        guard let text = try members.text("text") else {
            throw JudgmentProblem(member: "\(path).text", found: "missing", expected: "a string")
        }
        let sampling = members.object["sampling"] ?? [:]
        guard let object = sampling.object else {
            throw JudgmentProblem(member: "\(path).sampling", found: sampling.kind, expected: "an object")
        }
        let seed = members.object["seed"] ?? .null
        guard seed == .null || seed.integer != nil else {
            throw JudgmentProblem(member: "\(path).seed", found: seed.kind, expected: "a whole number")
        }
        self.init(
            text: text, model: try members.string("model", 1...256), sampling: object, seed: seed.integer)
    }

    var json: JSONValue {
        [
            "text": .string(text), "model": .string(model), "sampling": .object(sampling),
            "seed": seed.map(JSONValue.integer) ?? .null,
        ]
    }
}

/// The members of an object, with the object's place for messages.
private struct Members {
    let object: JSONObject
    private let path: String

    init(_ json: JSONValue, at path: String) throws(JudgmentProblem) {
        guard let object = json.object else {
            throw JudgmentProblem(member: path, found: json.kind, expected: "an object")
        }
        self.object = object
        self.path = path == "the judgment" ? "" : path + "."
    }

    /// Refuses members of other names.
    func know(_ names: String...) throws(JudgmentProblem) {
        for key in object.keys where !names.contains(key) {
            throw JudgmentProblem(
                member: path + key, found: "not known", expected: names.joined(separator: ", "))
        }
    }

    /// A text that may be missing.
    func text(_ key: String) throws(JudgmentProblem) -> String? {
        guard let value = object[key], value != .null else { return nil }
        guard let text = value.string else {
            throw JudgmentProblem(member: path + key, found: value.kind, expected: "a string")
        }
        return text
    }

    /// A text of so many bytes.
    func string(_ key: String, _ length: ClosedRange<Int>) throws(JudgmentProblem) -> String {
        let text = try text(key)
        guard let text, length.contains(text.utf8.count) else {
            throw JudgmentProblem(
                member: path + key, found: text.map { "a string of \($0.utf8.count) bytes" } ?? "missing",
                expected: "a string of \(length.lowerBound) to \(length.upperBound) bytes")
        }
        return text
    }

    func list(_ key: String) throws(JudgmentProblem) -> [JSONValue] {
        guard let list = object[key]?.array else {
            throw JudgmentProblem(
                member: path + key, found: object[key]?.kind ?? "missing", expected: "a list")
        }
        return list
    }
}
