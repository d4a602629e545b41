/// How people dress a request: greetings before it, thanks after it.
enum Courtesy {
    private static let greetings = [
        "Hello!", "Hello Wren.", "Hi!", "Hi Wren,", "Good morning.", "Good evening, Wren.", "Excuse me.",
        "Wren?",
        "A question:", "One more thing.", "Please help me.", "Quickly:", "I wonder:",
        "Now to something else.",
    ]
    private static let thanks = [
        "Thanks!", "Thank you.", "Many thanks.", "Thanks a lot!", "That would help me.", "I am in a hurry.",
        "It is important.",
    ]

    /// The line, sometimes with a greeting, sometimes with thanks.
    static func wrapped(_ line: String, using random: inout WorldRandom) -> String {
        var line = line
        if random.chance(0.25) { line = random.pick(greetings) + " " + line }
        if random.chance(0.12) { line += " " + random.pick(thanks) }
        return line
    }
}

extension Exercise {
    /// The same with another last message.
    func mappingLastMessage(_ transform: (String) -> String) -> Exercise {
        guard let last = prompt.messages.last else { return self }
        let changed = Message(role: last.role, content: transform(last.content))
        return Exercise(prompt.messages.dropLast() + [changed], prompt.task, replies)
    }
}
