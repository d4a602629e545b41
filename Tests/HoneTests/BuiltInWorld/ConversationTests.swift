import BuiltInWorld
import Foundation
import Testing

@Suite struct ConversationTests {
    static let world = World(seed: 5)
    static let demonstrations = world.demonstrations(1_500)

    @Test func flawsAreAsFrequentAsStated() {
        let unknown = Self.demonstrations.filter { $0.task.kind == .unknown }
        let actions = Self.demonstrations.filter { $0.task.kind == .action }
        for tempting in [unknown, actions] {
            let (share, stated) = (
                Double(tempting.filter(\.isFlawed).count) / Double(tempting.count),
                DemonstrationMixture().flaws
            )
            // Three standard deviations of a share of so many.
            #expect(abs(share - stated) < 3 * (stated * (1 - stated) / Double(tempting.count)).squareRoot())
        }
        #expect(!Self.demonstrations.contains { $0.isFlawed && ![.unknown, .action].contains($0.task.kind) })
    }

    @Test func aMixtureCanBeWithoutFlaws() {
        var mixture = DemonstrationMixture()
        mixture.flaws = 0
        let flawed = Self.world.demonstrations(500, mixture: mixture).filter(\.isFlawed)
        #expect(flawed.isEmpty)
    }

    @Test func turnsAlternate() {
        for demonstration in Self.demonstrations {
            var roles = demonstration.messages.map(\.role)
            if roles.first == .system { roles.removeFirst() }
            #expect(roles.count.isMultiple(of: 2))
            #expect(
                roles.enumerated().allSatisfy {
                    $0.element == ($0.offset.isMultiple(of: 2) ? .user : .assistant)
                })
            #expect(demonstration.messages.allSatisfy { !$0.content.isEmpty })
        }
    }

    @Test func goodAnswersLeaveNothingToBlame() {
        let judge = Self.world.judge
        for demonstration in Self.demonstrations where !demonstration.isFlawed {
            let prompt = Prompt(messages: demonstration.messages.dropLast(), task: demonstration.task)
            let reply = demonstration.messages[demonstration.messages.count - 1].content
            let opinion = judge.opinion(of: reply, to: prompt)
            let blamed = opinion.components.filter { $0.key != .brevity && $0.value < 1 }
            #expect(blamed.isEmpty, "\(prompt.messages[prompt.messages.count - 1].content) → \(reply)")
        }
    }

    @Test func flawsAreSeen() {
        let judge = Self.world.judge
        for demonstration in Self.demonstrations where demonstration.isFlawed {
            let prompt = Prompt(messages: demonstration.messages.dropLast(), task: demonstration.task)
            let reply = demonstration.messages[demonstration.messages.count - 1].content
            let component: Judge.Component = demonstration.quality == .claimed ? .deeds : .truth
            #expect(judge.opinion(of: reply, to: prompt).components[component] == 0, "\(reply)")
        }
    }

    @Test func recordsAreTheFieldsOwn() throws {
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appending(path: "\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try JSONLines.write(Array(Self.demonstrations.prefix(300)), to: file)
        struct Record: Decodable { let messages: [Message] }
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let records = try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
        #expect(records.map(\.messages) == Self.demonstrations.prefix(300).map(\.messages))

        struct Pair: Decodable { let prompt, chosen, rejected: [Message] }
        for preference in Self.world.preferences(100) {
            let pair = try JSONDecoder().decode(Pair.self, from: Data(JSONLines.line(for: preference).utf8))
            #expect(pair.prompt == preference.prompt.messages)
            #expect(pair.chosen.map(\.content) == [preference.chosen])
            #expect(pair.rejected.map(\.role) == [.assistant])
        }
    }
}
