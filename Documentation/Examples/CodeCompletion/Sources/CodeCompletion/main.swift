import Alignment
import Foundation
import LanguageModel
import NeuralCore

// A completion model of your own repository that learns what its owner prefers. Usage: CodeCompletion [FOLDER [STEPS]]
// Without arguments it reads this package's sources for a few steps, to show the way; an hour makes a model.
let here = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../../../../Sources/NeuralCore")
let folder = CommandLine.arguments.count > 1 ? URL(filePath: CommandLine.arguments[1]) : here.standardized
let steps = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 30 : 30

// Text files only, without what is generated, vendored or secret; each under its path.
let corpus = try Corpus(.repository(folder))
let texts = corpus.map(\.text)
let marks = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
var learning = BytePairTraining(specialTokens: marks)
for text in texts { learning.add(text) }
let tokenizer = try learning.tokenizer(vocabularySize: 1_024)
let ids = marks.compactMap { tokenizer.id(ofAddedToken: $0) }
print("\(texts.count) files, \(tokenizer.vocabularySize) tokens")

/// Documents of which every one is code.
struct Code: TokenDocuments {
    let documents: [[Int32]]
    var count: Int { documents.count }
    func tokens(at index: Int) -> [Int32] { documents[index] }
    func isCode(at index: Int) -> Bool { true }
}

// Half of the documents are rearranged so that the model learns to complete in the middle of a file.
var random = RandomSource(seed: 5)
let code = Code(documents: texts.map { tokenizer.encode($0, specialTokens: .asText) })
let fill = FillInTheMiddle(prefix: ids[1], suffix: ids[2], middle: ids[3], rate: 0.5)
var windows = TokenWindows(
    code, endOfText: ids[0], length: 256, perBatch: 4, fillInTheMiddle: fill, using: random.split())
let configuration = TransformerConfiguration(
    vocabularySize: tokenizer.vocabularySize, width: 128, depth: 2, contextLength: 512)
var pretraining = Pretraining(
    Transformer(configuration, using: &random), optimizer: Muon(adamWScale: 0.2),
    schedule: .warmupThenLinear(peak: 0.02, warmup: steps / 10, steps: steps))
for batch in windows.prefix(steps) {
    let report = pretraining.step(on: batch)
    if report.step % 10 == 0 { print("step \(report.step): loss \(report.loss)") }
}

/// What stands between two pieces of code, by the model.
func completion(_ model: Transformer, after prefix: String, before suffix: String) -> String {
    let prompt = [ids[1]] + tokenizer.encode(prefix) + [ids[2]] + tokenizer.encode(suffix) + [ids[3]]
    var decoding = Decoding(
        model, prompts: [prompt], sampling: .greedy, stopTokens: [ids[0]], maxTokens: 24,
        using: RandomSource(seed: 1))
    while !decoding.isFinished { decoding.step() }
    return tokenizer.decode(decoding.sequences[0].tokens.filter { $0 != ids[0] })
}

// The owner keeps some completions and rejects others. Here: public declarations are documented.
let pairs = ["struct", "func", "enum", "var"].map { word in
    TokenizedPair(
        prompt: tokenizer.encode("\n    "),
        chosen: tokenizer.encode("/// What it is.\n    public \(word) "),
        rejected: tokenizer.encode("public \(word) "))
}
var dpo = DirectPreferenceOptimization(policy: pretraining.model, beta: 0.1, schedule: .constant(2e-4))
for _ in 0..<10 { dpo.step(on: pairs) }
let last = dpo.step(on: pairs)
print("the owner's choice is the likelier one in \(last.metrics["rewards/accuracies"] ?? 0) of the pairs")
print("completion:", completion(dpo.policy, after: "public struct Shape {\n", before: "\n}"))
