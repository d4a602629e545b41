import Alignment
import Foundation
import LanguageModel
import NeuralCore

// The five programs of Documentation/FivePrograms.md on a model that is made here, from nothing, in seconds. Yours come
// from a folder; the records here are made up too.
let folder = FileManager.default.temporaryDirectory.appending(path: "five-programs-\(UUID().uuidString)")
defer { try? FileManager.default.removeItem(at: folder) }
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
func file(_ name: String, _ lines: [String]) throws -> URL {
    let file = folder.appending(path: name)
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    return file
}
func turn(_ role: String, _ text: String) -> String { #"{"role":"\#(role)","content":"\#(text)"}"# }

let places = ["library", "bakery", "harbor", "school"]
let questions = places.map { "Where is the \($0)?" }
let answers = places.map { "The \($0) is in Mill Street." }
let conversations = try file(
    "conversations.jsonl",
    zip(questions, answers).map { #"{"messages":[\#(turn("user", $0)),\#(turn("assistant", $1))]}"# }
        + [#"{"messages":[]}"#])
let opinions = try file(
    "preferences.jsonl",
    zip(questions, answers).map {
        #"{"prompt":[\#(turn("user", $0))],"chosen":[\#(turn("assistant", $1))],"rejected":[\#(turn("assistant", "No idea."))]}"#
    })
let prompts = try file("prompts.jsonl", questions.map { #"{"prompt":[\#(turn("user", $0))]}"# })
var random = RandomSource(seed: 1)

// From nothing to a directory that transformers loads.
var learning = BytePairTraining(specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
for text in questions + answers { learning.add(text) }
let tokenizer = try learning.tokenizer(vocabularySize: 300)
let documents = (questions + answers).map { tokenizer.encode($0) }
var pretraining = Pretraining(
    Transformer(.depth(2, vocabularySize: tokenizer.vocabularySize), using: &random),
    schedule: .cosine(3e-3, over: 60))
var windows = TokenWindows(documents, endOfText: 0, length: 32, perBatch: 8, using: random.split())
for batch in windows.prefix(60) { pretraining.step(on: batch) }
let base = folder.appending(path: "base")
try ChatModel(pretraining.model, tokenizer).write(to: base)

// Fine-tune a chat model with LoRA.
let chat = try ChatModel(contentsOf: base)
let examples = try chat.demonstrations(contentsOf: conversations)
print(examples.report)
var tuning = SupervisedFineTuning(
    chat.model.adapted(rank: 16, alpha: 32, using: &random), schedule: .cosine(1e-2, over: 60))
for batch in examples.batches(ofTokens: 256, epochs: 60, using: random.split()) { tuning.step(on: batch) }
try chat.with(tuning.model).write(to: folder.appending(path: "adapter"))
let assistant = try ChatModel(contentsOf: folder.appending(path: "adapter"))

// DPO with a loss of one's own.
var dpo = DirectPreferenceOptimization(
    policy: assistant.model, beta: 0.1, loss: .init { (1 - $0.margin * $0.beta).relu().squared() },
    schedule: .constant(1e-4))
let pairs = try assistant.preferences(contentsOf: opinions)
for batch in pairs.batches(of: 2, epochs: 4, using: random.split()) { dpo.step(on: batch) }

// GRPO with a closure over text.
var grpo = GroupRelativePolicyOptimization(
    policy: dpo.policy, groupSize: 4, stopTokens: assistant.ends, schedule: .constant(1e-4))
grpo.rollouts.maxTokens = 24
let brief = assistant.reward("brief") { prompt, answer in answer.count < 20 ? 1 : 0 }
for prompts in try assistant.prompts(contentsOf: prompts).batches(of: 2) {
    let report = grpo.step(on: prompts, rewardedBy: brief, using: random.split())
    print("reward", report.metrics["reward"] ?? .nan)
}

// Talk.
let conversation = Conversation([.user(questions[0])])
for try await piece in assistant.with(dpo.policy).reply(
    to: conversation, sampling: .topP(0.95, temperature: 0.1), maxTokens: 24, using: random)
{
    print(piece, terminator: "")
}
print()
