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
