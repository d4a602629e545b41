import LanguageModel
import NeuralCore

// Classify support tickets with a small model trained on your own: no server, no data leaves the machine.
// The tickets here are made up; yours come from a file.
let labels = ["billing", "login", "delivery"]
let phrases = [
    ["the invoice is wrong", "I was charged twice", "please refund the payment", "the card was declined"],
    ["I forgot my password", "the code never arrives", "my account is locked", "it says wrong user name"],
    ["the parcel is late", "the box was broken", "it went to the wrong address", "the driver did not ring"],
]
let openings = ["Hello,", "Hi there,", "Good morning,", "Once again:", "Please help,"]
let closings = ["Thank you.", "Please hurry.", "It is urgent.", "Regards, Kim."]

var random = RandomSource(seed: 3)
func ticket(_ label: Int, using random: inout RandomSource) -> String {
    func any(_ list: [String]) -> String { list[random.integer(in: 0..<list.count)] }
    return "\(any(openings)) \(any(phrases[label])). \(any(closings))"
}
func example(_ text: String, _ label: String) -> String { "Ticket: \(text)\nTopic: \(label)" }

// A tokenizer and a model of the tickets' own language.
let training = (0..<600).map { example(ticket($0 % 3, using: &random), labels[$0 % 3]) }
var learning = BytePairTraining(specialTokens: ["<|endoftext|>"])
for text in training { learning.add(text) }
let tokenizer = try learning.tokenizer(vocabularySize: 400)
let documents = training.map { tokenizer.encode($0) }
let configuration = TransformerConfiguration(
    vocabularySize: tokenizer.vocabularySize, width: 64, depth: 2, contextLength: 128)
var pretraining = Pretraining(
    Transformer(configuration, using: &random), optimizer: Muon(adamWScale: 0.2),
    schedule: .warmupThenLinear(peak: 0.02, warmup: 5, steps: 80))
var windows = TokenWindows(documents, endOfText: 0, length: 64, perBatch: 16, using: random.split())
for batch in windows.prefix(80) { pretraining.step(on: batch) }

// One model both writes and classifies: the label is what it finds the most probable to follow.
let scorer = try TextScorer(pretraining.model, tokenizer: tokenizer)
let classifier = try LabelClassifier(scorer, labels: labels, template: "Ticket: {text}\nTopic:")
let truth = (0..<60).map { $0 % 3 }
let unseen = truth.map { ticket($0, using: &random) }
let report = ClassificationReport(
    labels: labels, truth: truth, probabilities: classifier.probabilities(of: unseen))
print("accuracy \(report.accuracy.value), macro-F1 \(report.macroF1)")
