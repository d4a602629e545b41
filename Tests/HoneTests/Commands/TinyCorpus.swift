import Foundation
import Testing

/// Writes a corpus of a few kilobytes, `text.txt`, and a tokenizer for it, `tokenizer.json`.
func prepareTinyCorpus(in folder: URL) throws {
    let words = [
        "the", "bread", "is", "baked", "by", "Ada", "before", "dawn", "and", "sold", "at", "noon",
    ]
    var text = ""
    for line in 0..<2_000 {
        text +=
            (0..<8).map { words[(line * 7 + $0 * ($0 + line)) % words.count] }.joined(separator: " ") + ".\n"
        if line % 20 == 19 { text += "\n" }
    }
    try Data(text.utf8).write(to: folder.appending(component: "text.txt"))
    let trained = try HoneProcess.run(
        "tokenizer", "train", "text.txt", "--vocabulary-size", "300", "--output", "tokenizer.json",
        "--special-token", "<|endoftext|>", "--special-token", "<|im_start|>", "--special-token",
        "<|im_end|>", in: folder)
    #expect(trained.code == 0, "\(trained.errors)")
}

/// A run of training on ``prepareTinyCorpus(in:)``.
func tinyPretraining(to output: String, steps: Int) -> [String] {
    [
        "pretrain", "--corpus", "text.txt", "--tokenizer", "tokenizer.json", "--depth", "1", "--context",
        "32", "--batch", "4", "--steps", "\(steps)", "--checkpoint-every", "5", "--output", output,
    ]
}

/// Writes a model of a few steps on ``prepareTinyCorpus(in:)``, `base`, and records of every kind for it:
/// `conversations.jsonl`, `pairs.jsonl`, `labels.jsonl`, `prompts.jsonl`.
func prepareTinyModel(in folder: URL) throws {
    try prepareTinyCorpus(in: folder)
    let outcome = try HoneProcess(tinyPretraining(to: "base", steps: 3), in: folder).outcome()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let words = ["bread", "Ada", "dawn", "noon", "sold", "baked"]
    func write(_ name: String, _ record: (_ word: String, _ next: String, _ number: Int) -> String) throws {
        let records = (0..<12).map { record(words[$0 % 6], words[($0 + 1) % 6], $0) }
        try Data((records.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(component: name))
    }
    try write("conversations.jsonl") { word, next, _ in
        #"{"messages":[{"role":"user","content":"\#(word)"},{"role":"assistant","content":"\#(next)"}]}"#
    }
    try write("pairs.jsonl") { #"{"prompt":"\#($0) is","chosen":" \#($1)","rejected":" \#($0) \#($2)"}"# }
    try write("labels.jsonl") { #"{"prompt":"\#($0) is","completion":" \#($1)","label":\#($2 % 2 == 0)}"# }
    try write("prompts.jsonl") { word, _, number in #"{"prompt":"\#(word) is","answer":"\#(number)"}"# }
}

/// A run of fine-tuning on what ``prepareTinyModel(in:)`` wrote.
func tinyTuning(of model: String = "base", to output: String, steps: Int) -> [String] {
    [
        "sft", "--model", model, "--data", "conversations.jsonl", "--batch", "4", "--steps", "\(steps)",
        "--learning-rate", "1e-3", "--checkpoint-every", "5", "--output", output,
    ]
}

/// The paths of all files below a folder.
func files(below folder: URL) -> Set<String> {
    Set((FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }) ?? [])
        .filter { !$0.hasPrefix("errors-") }
}
