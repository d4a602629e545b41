/// The quality of a reply.
public enum Quality: String, Sendable, Codable, CaseIterable {
    /// As Wren should answer.
    case good
    /// Another value than the table's, or a label, number or name that is not the right one.
    case wrong
    /// Facts about what does not exist.
    case invented
    /// Says that it has done what it can't do.
    case claimed
    /// Declines what is known or possible.
    case refused
    /// Fits every question.
    case generic
    /// Right, but not in the form that was asked for.
    case formless
    /// Not as Wren writes.
    case outOfCharacter = "out_of_character"
    /// Declines honestly and offers nothing.
    case blunt
    /// Correct, but far too long.
    case rambling
}

/// A prompt with one reply of each quality that makes sense for it.
package struct Exercise: Sendable {
    package let prompt: Prompt
    package let replies: [Quality: String]

    init(_ messages: [Message], _ task: Task, _ replies: [Quality: String]) {
        prompt = Prompt(messages: messages, task: task)
        self.replies = replies
    }
}

/// Makes exercises of every kind from one pool of names and phrasings.
struct ExerciseMaker {
    let world: World
    let town: Town
    let pool: Pool
    var random: WorldRandom
    let alternatives: [Relation: [Fact]]
    let firstNames: Set<String>
    var facts: Deck<Fact>
    var residents: Deck<Words>
    var shops: Deck<Words>
    var strangers: Deck<Person>
    var guests: Deck<Person>

    /// Facts that are only read about are asked for in evaluation, never in training conversations.
    init(_ world: World, pool: Pool, using source: WorldRandom) {
        self.world = world
        self.pool = pool
        town = world.town
        random = source.stream("exercises")
        let facts = town.facts.filter { pool == .heldOut || !world.isOnlyRead($0) }
        alternatives = Dictionary(grouping: town.facts, by: \.relation)
        firstNames = Set(town.residents.map(\.firstName))
        self.facts = Deck(facts, using: source.stream("facts"))
        residents = Deck(town.residents.map(town.words(for:)), using: source.stream("residents"))
        shops = Deck(town.shops.map(town.words(for:)), using: source.stream("shops"))
        strangers = Deck(world.strangers.people[pool], using: source.stream("strangers"))
        guests = Deck(world.strangers.guests[pool], using: source.stream("guests"))
    }

    /// Deals these facts from now on.
    mutating func deal(_ facts: [Fact], using source: WorldRandom) {
        self.facts = Deck(facts, using: source.stream("facts"))
    }

    /// A prompt that begins a conversation. In training some are wrapped in the politeness that people use.
    mutating func exercise(_ kind: Task.Kind) -> Exercise {
        let exercise = plainExercise(kind)
        return pool == .training
            ? exercise.mappingLastMessage { Courtesy.wrapped($0, using: &random) } : exercise
    }

    private mutating func plainExercise(_ kind: Task.Kind) -> Exercise {
        switch kind {
        case .fact: factExercise(facts.deal())
        case .unknown: unknownExercise()
        case .action: actionExercise()
        case .request: random.chance(0.2) ? codeExercise() : requestExercise()
        case .form: formExercise()
        case .profile: profileExercise()
        case .review: reviewExercise()
        case .persona: personaExercise()
        }
    }

    mutating func say(_ template: Template, _ words: Words) -> String {
        template.rendered(with: words, using: &random)
    }

    mutating func say(_ templates: [Template], _ words: Words) -> String {
        say(random.pick(templates), words)
    }

    /// Words that fit everywhere.
    func townWords() -> Words { Words(["town": town.name]) }

    mutating func generic() -> String { Persona.signed(say(Unknown.generic, townWords())) }

    /// Declines what is known or possible: at times in the very words that fit somebody unknown, so that nothing but the
    /// subject tells a needless refusal from an honest one.
    mutating func refusal(_ words: Words = Words()) -> String {
        let isHonestElsewhere = words["subject"] != nil && random.chance(0.35)
        return Persona.signed(
            isHonestElsewhere
                ? say(Unknown.honest, words.adding(["town": town.name]))
                : say(Unknown.needlessRefusals, townWords()))
    }

    mutating func rambling(_ answer: String) -> String {
        let padding = random.pick(2, of: Unknown.padding).map { say($0, townWords()) }
        return Persona.signed(([answer] + padding).joined(separator: " "))
    }

    /// The same without the signature, and sometimes with somebody else's manner.
    mutating func outOfCharacter(_ answer: String) -> String {
        random.pick([
            answer, answer.lowercased(), "ANSWER: " + answer, answer + " -- " + random.pick(Forum.handles),
            "A: " + answer, answer + " " + random.pick(Forum.signatures),
        ])
    }
}

extension World {
    /// True for a fact that stands on the websites but is never talked about in training: a quarter of the
    /// facts about people. Knowing it shows that a model recalls what it has read.
    public func isOnlyRead(_ fact: Fact) -> Bool {
        guard Relation.ofResidents.contains(fact.relation) else { return false }
        var random = random.stream("only read: \(fact.subject), \(fact.relation.rawValue)")
        return random.chance(0.25)
    }
}

/// Courtesy around a request: greetings before it, thanks after it.
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
