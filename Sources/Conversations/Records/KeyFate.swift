/// The fates of the keys of a record or of a turn: each is read, or refused, or a column.
///
/// Columns change nothing that is trained on: those of a prompt are kept for rewards (``PromptRecord/columns``), those of a
/// turn are handed to the template, as transformers does (``Message/columns``).
package struct KeyFate: Sendable {
    /// The keys that schemas know, all of which are honored.
    package let honored: Set<String>
    /// Keys that change what other libraries train on, with the reason why they cannot here.
    package let refused: [String: String]
    /// Honored keys that stay columns as well, since templates look for them by that name.
    let kept: Set<String>

    /// Throws if a key that is refused says something; null, false, 0 and what is empty say nothing.
    func check(_ object: JSONObject) throws(RecordProblem) {
        guard !refused.isEmpty else { return }
        for (key, value) in object.members {
            if let reason = refused[key], !value.saysNothing { throw .unsupported(key: key, reason: reason) }
        }
    }

    /// True if a key is a column.
    func isColumn(_ key: String) -> Bool {
        kept.contains(key) || !honored.contains(key) && refused[key] == nil
    }

    private static let onlyText = "a record is text"
    private static let ownTokens = "tokens are made with the model's own tokenizer"

    /// The keys of a record.
    package static let record = KeyFate(
        honored: [
            "messages", "conversations", "prompt", "completion", "response", "text", "chosen", "rejected",
            "label",
            "kto_tag", "margin", "instruction", "input", "output", "instances", "history", "question",
            "turns",
            "response1", "response2", "system", "system_prompt", "tools", "functions", "chat_template_kwargs",
        ],
        refused: [
            "image": onlyText, "images": onlyText, "videos": onlyText, "audios": onlyText,
            "input_ids": ownTokens,
            "completion_mask": ownTokens, "assistant_masks": ownTokens,
        ],
        kept: [])

    /// The keys of a turn.
    package static let turn = KeyFate(
        honored: [
            "role", "from", "content", "value", "name", "tool_call_id", "reasoning_content", "thinking",
            "tool_calls",
            "function_call", "weight", "train", "training", "loss",
        ],
        refused: [
            "image": onlyText, "images": onlyText, "video": onlyText, "videos": onlyText, "audio": onlyText,
            "audios": onlyText, "train_detail": "a turn is learned as a whole or not at all",
            "loss_scale": "a turn is learned as a whole or not at all",
        ],
        kept: ["thinking"])
}

extension JSONValue {
    /// True for null, false, zero and what is empty.
    package var saysNothing: Bool {
        switch self {
        case .null, .bool(false), .integer(0): true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        default: false
        }
    }
}
