public import Conversations

/// What a generator makes: data to train on, and a suite to examine the result with, which share no name and
/// no phrasing.
public struct GeneratedData: Hashable, Sendable {
    /// Good answers to imitate.
    public var demonstrations: [DemonstrationRecord] = []
    /// Good answers against the faults that models fall into.
    public var preferences: [PreferenceRecord] = []
    /// Prompts for evaluation only.
    public var suite: BehaviorSuite

    mutating func add(question: String, good: String, bad: String, system: String?) {
        let prompt = (system.map { [Message.system($0)] } ?? []) + [.user(question)]
        demonstrations.append(.conversation(Conversation(prompt + [.assistant(good)])))
        preferences.append(
            PreferenceRecord(
                prompt: .messages(prompt), chosen: .messages([.assistant(good)]),
                rejected: .messages([.assistant(bad)])))
    }

    mutating func ask(_ question: String, system: String?, _ check: BehaviorItem.Check) {
        let prompt = (system.map { [Message.system($0)] } ?? []) + [.user(question)]
        suite.items.append(
            BehaviorItem(id: "\(suite.name)-\(suite.items.count + 1)", Conversation(prompt), check))
    }
}
