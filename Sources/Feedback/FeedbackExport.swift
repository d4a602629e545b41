public import JSON

/// The records that training makes of judgments, in TRL's conversational schemas.
public enum FeedbackExport: String, Hashable, Sendable, CaseIterable {
    /// `prompt`, `chosen`, `rejected`: of each choice for one of two answers; of an edit also against the answer it was
    /// made of.
    case preferences
    /// `prompt`, `completion`, `label`: of thumbs, of both answers where both are good or bad, and of a choice the better
    /// as good and the other as bad.
    case labels
    /// `prompt`, `completion`: of answers that were edited, chosen, or called good.
    case demonstrations

    /// The records of judgments, in their order.
    public func records(of judgments: [Judgment]) -> [JSONValue] { judgments.flatMap(records) }

    /// The records of one judgment, which may be none.
    private func records(of judgment: Judgment) -> [JSONValue] {
        let texts = judgment.answers.map(\.text)
        func record(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
            .object(JSONObject([("prompt", .array(judgment.prompt))] + members.map { ($0.key, $0.value) }))
        }
        let good = Self.good(in: judgment)
        switch self {
        case .preferences:
            guard let better = judgment.better else { return [] }
            let chosen = judgment.edit ?? texts[better]
            let rejected = [texts[1 - better]] + (judgment.edit == nil ? [] : [texts[better]])
            return rejected.filter { $0 != chosen }.map {
                record(["chosen": Self.turn(chosen), "rejected": Self.turn($0)])
            }
        case .labels:
            let bad: [String] =
                switch judgment.choice {
                case .first, .second: [texts[1 - judgment.better!]].filter { !good.contains($0) }
                case .bothBad, .bad: texts
                case .bothGood, .good: []
                }
            return good.map { record(["completion": Self.turn($0), "label": true]) }
                + bad.map { record(["completion": Self.turn($0), "label": false]) }
        case .demonstrations:
            return good.map { record(["completion": Self.turn($0)]) }
        }
    }

    /// The answers that are good as they stand, or as they were edited.
    private static func good(in judgment: Judgment) -> [String] {
        let texts = judgment.answers.map(\.text)
        return switch judgment.choice {
        case .first, .second: [judgment.edit ?? texts[judgment.better!]]
        case .bothGood: texts
        case .good: [judgment.edit ?? texts[0]]
        case .bothBad, .bad: []
        }
    }

    private static func turn(_ text: String) -> JSONValue {
        [["role": "assistant", "content": .string(text)]]
    }
}
