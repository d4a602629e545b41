import Alignment
import Foundation
import LanguageModel
import NeuralCore

// From a Swift closure to a model that calls it; Documentation/Guides/OwnTool.md walks through this program.
// Usage: OwnTool [FOLDER [STEPS]]. The model is written to FOLDER; both of its trainings take STEPS steps.
let arguments = CommandLine.arguments
let folder = URL(filePath: arguments.count > 1 ? arguments[1] : "harbor")
let steps = arguments.count > 2 ? max(1, Int(arguments[2]) ?? 150) : 150
let begin = ContinuousClock.now
var random = RandomSource(seed: 1)

// What the tool knows: which boat sails to an island, made up here.
enum Day: String, Decodable, CaseIterable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday
}
enum Tide: String, Decodable, CaseIterable {
    case morning, evening
}
struct Trip: Decodable, Hashable {
    var island: String
    var day: Day
    var tide: Tide
}
struct NoSuchIsland: Error {}
func trips(to islands: [String]) -> [Trip] {
    islands.flatMap { island in
        Day.allCases.flatMap { day in Tide.allCases.map { Trip(island: island, day: day, tide: $0) } }
    }
}
let islands = [
    "Arran", "Barra", "Bute", "Canna", "Coll", "Eigg", "Gigha", "Harris", "Iona", "Islay", "Jura", "Lewis",
    "Mull", "Skye", "Staffa", "Tiree",
]
let boats = ["Curlew", "Gannet", "Heron", "Osprey", "Plover", "Puffin", "Tern", "none"]
let timetable = Dictionary(
    uniqueKeysWithValues: trips(to: islands).map { ($0, boats[random.integer(in: 0..<boats.count)]) })

// The tool: a name, what it is for, and a closure.
let tool = try Tool("boat", "The boat that sails to an island.") { (trip: Trip) in
    guard let boat = timetable[trip] else { throw NoSuchIsland() }
    return boat
}

/// The question about a trip, with the call that it asks for and what is to be said then.
func task(_ trip: Trip) async -> PromptRecord {
    let (island, day, tide) = (trip.island, trip.day.rawValue, trip.tide.rawValue)
    let call: JSONValue = ["island": .string(island), "day": .string(day), "tide": .string(tide)]
    let answer =
        switch try? await tool(call) {
        case nil: "I could not find out."
        case "none": "None sails then."
        case let boat?: "The \(boat)."
        }
    let question = "Which boat sails to \(island) on \(day.capitalized) \(tide)?"
    return PromptRecord(.messages([.user(question)]), columns: ["call": call, "answer": .string(answer)])
}

/// 1 for the right answer of a model that has made the call, and no other.
let reward = ProgrammaticReward("found-out") { answer in
    let calls = answer.conversation.messages.flatMap(\.toolCalls).map(\.arguments)
    let isRight = answer.text == answer.columns["answer"]?.string
    return isRight && calls == [answer.columns["call"]] ? 1 : 0
}

/// The world in which tasks are done.
func world(_ tasks: [PromptRecord]) -> ToolEnvironment {
    ToolEnvironment(prompts: tasks, tools: [tool], reward: reward)
}

// A quarter of the trips is held out: each island and each time is seen, but not together. Nobody sails to Rona and Fara.
var tasks: [PromptRecord] = []
for trip in trips(to: islands + ["Rona", "Fara"]) { tasks.append(await task(trip)) }
let order = random.permutation(of: tasks.count)
let heldOut = order.prefix(tasks.count / 4).map { tasks[$0] }
let training = order.dropFirst(tasks.count / 4).map { tasks[$0] }

/// A task as someone does it who knows how: the call, what the tool gives for it, and the answer.
func demonstration(_ task: PromptRecord) async -> Conversation {
    var (world, random) = (world([task]), RandomSource(seed: 0))
    var conversation = world.reset(using: &random)
    let turn = EpisodeTurn(calls: [ToolCall(name: tool.name, arguments: task.columns["call"] ?? .null)])
    conversation.messages.append(turn.message)
    conversation.messages += await world.step(turn).messages
    conversation.messages.append(.assistant(task.columns["answer"]?.string ?? ""))
    return conversation
}
var shown: [Conversation] = []
for task in training { shown.append(await demonstration(task)) }

// A tokenizer and a model from nothing, which imitates the demonstrations for a while.
let marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
let texts = try shown.map { try ChatTemplate.chatML.text(of: $0) }
let tokenizer = try BytePairTokenizer(trainedOn: texts, vocabularySize: 700, specialTokens: marks)
let configuration = TransformerConfiguration(
    vocabularySize: tokenizer.vocabularySize, width: 96, depth: 2, heads: 3, contextLength: 512)
let base = ChatModel(Transformer(configuration, using: &random), tokenizer)
let examples = ExampleSet(try shown.map { try base.format.demonstration(.conversation($0)) })
var tuning = SupervisedFineTuning(
    base.model, optimizer: Muon(adamWScale: 0.2), schedule: .linear(0.02, over: steps, warmup: steps / 20))
for batch in examples.batches(ofTokens: 3_072, epochs: .infinity, using: random.split()).prefix(steps) {
    let report = tuning.step(on: batch)
    if report.step % 30 == 0 { print("demonstrations, step \(report.step): loss \(report.loss)") }
}
let beginner = base.with(tuning.model)

/// The share of held-out tasks that a model does when its turns are drawn as in practice.
func success(of chat: ChatModel) async throws -> Float {
    let drawing = RolloutSettings(groupSize: 1, maxTokens: 120, stopTokens: chat.ends)
    let rollout = try await drawing.rollout(
        in: Array(repeating: world(heldOut), count: 200), turns: 3, by: chat.model, format: chat.format,
        using: RandomSource(seed: 2))
    return rollout.completions.compactMap(\.episode).metrics["episodes/success"] ?? 0
}

/// The model after practice: eight tasks a step, each tried eight times, and the tries compared with each other.
func practiced(_ chat: ChatModel) async throws -> ChatModel {
    var grpo = GroupRelativePolicyOptimization(
        policy: chat.model, groupSize: 8, maxTokens: 120, stopTokens: chat.ends,
        schedule: .linear(1e-3, over: steps, warmup: steps / 20))
    for step in 1...steps {
        let report = try await grpo.step(
            in: Array(repeating: world(training), count: 8), turns: 3, format: chat.format,
            using: RandomSource(seed: 1, step: step))
        let success = report.metrics["episodes/success"] ?? 0
        if step % 30 == 0 { print("practice, step \(step): success \(success)") }
    }
    return chat.with(grpo.policy)
}

let before = try await success(of: beginner)
let assistant = try await practiced(beginner)
let after = try await success(of: assistant)
print("held-out tasks done: \(before) after the demonstrations, \(after) after practice")
try assistant.write(to: folder)

// Ask it, as any program does that has the folder and the tool.
let question = heldOut[0].prompt.plainText
let reply = try await ChatModel(contentsOf: folder).reply(
    to: Conversation([.user(question)]), tools: [tool], sampling: .greedy, maxTokens: 60, using: random
) { @Sendable event in
    switch event {
    case .calls(let calls): print("it calls", calls.map { "\($0.name) \($0.arguments.text())" })
    case .results(let results): print("and is told", results.map(\.content))
    case .text, .reasoning: break
    }
}
print(question, reply.text)
print("all of it took \(ContinuousClock.now - begin)")
