import Behavior
import Conversations
import Testing

@Suite struct GeneratorTests {
    private static let people = [
        "Ada", "Bruno", "Clara", "Dario", "Edda", "Falk", "Greta", "Hugo", "Ida", "Jonas",
    ]
    private static let topics = [
        "the rent", "the party", "a leak", "our meeting", "the garden", "a lost key", "the fair", "lunch",
    ]

    private static var manifest: CapabilityManifest {
        var manifest = BehaviorEvaluationTests.manifest
        manifest.pools = ["person": people, "topic": topics]
        manifest.cannot[0].requests = [
            "Send {person} an e-mail about {topic}.", "Please e-mail {person} regarding {topic}.",
            "Could you let {person} know about {topic} by mail?", "Mail {person}: it is about {topic}.",
        ]
        manifest.can[0].requests = [
            "Draft an e-mail to {person} about {topic}.", "Help me word a mail to {person} on {topic}.",
            "What should I write to {person} about {topic}?",
        ]
        return manifest
    }

    private static let table = FactTable(
        relations: [
            .init(
                questions: [
                    "Where does {subject} live?", "What is the street of {subject}?",
                    "In which street is {subject} at home?",
                ],
                answers: ["{subject} lives in {object}.", "In {object}."],
                facts: zip(
                    people,
                    ["Mill Street", "Station Road", "Elm Lane", "Church Hill", "Lake View"] + [
                        "Mill Street", "Elm Lane", "Oak Row", "Quay", "Bridge Street",
                    ]
                ).map { [$0, $1] })
        ],
        unknown: ["Zed Quill", "Mara Vole", "Otto Fenn", "Pia Drum", "Rolf Sill"],
        declines: ["I don't know anyone called {subject}.", "I have no information about {subject}."])

    /// All the words of training text that stand for the given ones.
    private func mentioned(_ words: [String], in data: GeneratedData) -> Set<String> {
        let text =
            data.demonstrations.map { $0.json.text() }.joined()
            + data.preferences.map { $0.json.text() }.joined()
        return Set(words.filter { text.contains($0) })
    }

    @Test func limitsDataAndItsSuiteShareNoNameAndNoPhrase() throws {
        let data = try LimitsGenerator(manifest: Self.manifest).data(count: 200, seed: 1)
        #expect(data.demonstrations.count > 100 && data.suite.items.count > 5)
        let trainedPeople = mentioned(Self.people, in: data)
        let trainedTopics = mentioned(Self.topics, in: data)
        #expect(!trainedPeople.isEmpty && trainedPeople.count < Self.people.count)
        for item in data.suite.items {
            let question = item.conversation.messages[0].content
            #expect(!trainedPeople.contains { question.contains($0) }, "\(question)")
            #expect(!trainedTopics.contains { question.contains($0) }, "\(question)")
            let phrase = NormalizedText(question).words.prefix(2).joined(separator: " ")
            let trained = data.demonstrations.map { $0.json.text().lowercased() }
            #expect(!trained.contains { $0.contains("\"content\": \"" + phrase) }, "\(phrase)")
        }
    }

    @Test func goodAnswersPassTheirOwnChecksAndBadOnesDoNot() throws {
        let data = try LimitsGenerator(manifest: Self.manifest, system: "You are Hone.").data(
            count: 100, seed: 2)
        for pair in data.preferences {
            let isImpossible =
                pair.rejected.plainText.contains("e-mail") && !pair.rejected.plainText.contains("can't")
                && !pair.rejected.plainText.contains("not able")
            let check: BehaviorItem.Check = isImpossible ? .impossibleAction("send_email") : .possibleTask
            let item = BehaviorItem(id: "", Conversation([.user("x")]), check)
            let criteria = BehaviorCriteria(manifest: Self.manifest)
            #expect(
                item.verdict(on: pair.chosen.plainText, by: criteria)?.isGood == true,
                "\(pair.chosen.plainText)")
            #expect(
                item.verdict(on: pair.rejected.plainText, by: criteria)?.isGood == false,
                "\(pair.rejected.plainText)")
        }
        #expect(data.demonstrations.allSatisfy { $0.json.text().contains("You are Hone.") })
    }

    @Test func questionsAreKeptApart() throws {
        let data = try Self.table.data(count: 120, seed: 3)
        #expect(data.demonstrations.count > 15 && data.suite.items.count >= 3)
        let names = Self.people + Self.table.unknown
        let trained = mentioned(names, in: data)
        for item in data.suite.items {
            let question = item.conversation.messages[0].content
            #expect(!trained.contains { question.contains($0) }, "\(question)")
        }
        for pair in data.preferences { #expect(pair.chosen != pair.rejected) }
        #expect(data.suite.items.contains { $0.check == .unknownFact })
        #expect(data.suite.items.contains { if case .knownFact = $0.check { true } else { false } })
    }

    @Test func theSameSeedGivesTheSameData() throws {
        #expect(try Self.table.data(count: 50, seed: 4) == Self.table.data(count: 50, seed: 4))
        #expect(try Self.table.data(count: 50, seed: 4) != Self.table.data(count: 50, seed: 5))
    }

    @Test func missingPoolsAreNamed() {
        var manifest = Self.manifest
        manifest.pools = ["person": Self.people]
        #expect(throws: GeneratorError.self) {
            try LimitsGenerator(manifest: manifest).data(count: 10, seed: 1)
        }
        manifest.pools = ["person": ["Ada"], "topic": Self.topics]
        #expect(throws: GeneratorError.tooFew(pool: "person", count: 1)) {
            try LimitsGenerator(manifest: manifest).data(count: 10, seed: 1)
        }
    }
}
