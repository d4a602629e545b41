/// Questions that go on about somebody who has just been spoken of.
enum FollowUps {
    static let questions: [Relation: Pools<Template>] = [
        .job: Pools(
            training: [
                "And what is {their} job?", "What {do they} do for a living?", "And what {do they} work as?",
            ],
            heldOut: ["What about {their} work?"]),
        .street: Pools(
            training: [
                "And where {do they} live?", "Which street {do they} live on?", "Where is {their} house?",
            ],
            heldOut: ["What about {their} street?"]),
        .pet: Pools(
            training: ["{do they} have a pet?", "And which pet {do they} have?", "What about a pet?"],
            heldOut: ["What about {their} animal?"]),
        .petName: Pools(
            training: ["What is {their} {pet} called?", "And the name of {their} {pet}?"],
            heldOut: ["What about the name of {their} {pet}?"]),
        .dish: Pools(
            training: [
                "What {do they} like to eat?", "And {their} favourite dish?",
                "Which dish {do they} like best?",
            ],
            heldOut: ["What about {their} taste in food?"]),
        .hobby: Pools(
            training: [
                "What {do they} do in {their} free time?", "And {their} hobby?", "What {do they} like to do?",
            ],
            heldOut: ["What about {their} hobbies?"]),
    ]
}

extension ExerciseMaker {
    /// An exercise that may come after an earlier exchange: a fact about the same person, or about anything else.
    mutating func exerciseInConversation(_ kind: Task.Kind) -> Exercise {
        guard kind != .profile, random.chance(0.2) else { return exercise(kind) }
        let earlier = factExercise(facts.deal())
        guard case .fact(let fact) = earlier.prompt.task, let reply = earlier.replies[.good] else {
            return earlier
        }
        let turns = earlier.prompt.messages + [.assistant(reply)]
        if kind == .fact, Relation.ofResidents.contains(fact.relation) {
            return followUp(on: fact, after: turns)
        }
        let next = exercise(kind)
        return Exercise(turns + next.prompt.messages, next.prompt.task, next.replies)
    }

    private mutating func followUp(on fact: Fact, after turns: [Message]) -> Exercise {
        let relations = Relation.ofResidents.filter { $0 != fact.relation }
        let others = alternatives.values.joined().filter {
            $0.subject == fact.subject && relations.contains($0.relation)
        }
        let allowed = others.filter { pool == .heldOut || !world.isOnlyRead($0) }
            .sorted { $0.relation.rawValue < $1.relation.rawValue }
        guard !allowed.isEmpty else { return factExercise(facts.deal()) }
        let next = random.pick(allowed)
        let answered = factExercise(next)
        let question = say(FollowUps.questions[next.relation]?[pool] ?? [], next.words)
        return Exercise(turns + [.user(question)], .fact(next), answered.replies)
    }
}
