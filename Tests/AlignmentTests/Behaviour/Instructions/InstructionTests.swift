import Alignment
import Foundation
import Testing

@Suite struct InstructionTests {
    /// Verdicts of the reference implementation; `Fixtures/ifeval.py` writes them.
    private static let fixture: JSONValue = {
        let data = try? Data(contentsOf: TestFiles.fixtures.appending(path: "ifeval.json"))
        return (try? JSONValue(parsing: Array(data ?? Data()))) ?? .null
    }()

    private static let languageChecks: Set<String> = [
        "language:response_language", "change_case:english_capital", "change_case:english_lowercase",
    ]

    @Test func verdictsAreThoseOfTheReference() throws {
        let answers = try #require(Self.fixture["answers"]?.array).compactMap(\.string)
        let rows = try #require(Self.fixture["instructions"]?.array)
        #expect(answers.count > 70 && rows.count > 60)
        for row in rows {
            let id = try #require(row["id"]?.string)
            let parameters = try #require(row["kwargs"]?.object)
            let instruction = try Instruction(id: id, parameters: parameters)
            let strict = Array(try #require(row["strict"]?.string))
            let loose = Array(try #require(row["loose"]?.string))
            for (index, answer) in answers.enumerated() {
                // Guessing the language of a few words is a lottery in both implementations.
                let letters = answer.unicodeScalars.count { $0.properties.isAlphabetic }
                if Self.languageChecks.contains(id), letters < 45 || answer.hasPrefix("A\n") { continue }
                let detail = "\(id) \(row["kwargs"]?.text() ?? "") on \(answer)"
                #expect(instruction.isFollowed(by: answer) == (strict[index] == "1"), "\(detail)")
                #expect(
                    instruction.isLooselyFollowed(by: answer) == (loose[index] == "1"), "loosely: \(detail)")
            }
        }
    }

    @Test(.enabled(if: TestFiles.hasSharedData)) func everyInstructionOfTheBenchmarkIsKnown() throws {
        let suite = try BehaviourSuite(contentsOf: TestFiles.shared("eval/ifeval-input_data.jsonl"))
        #expect(suite.items.count == 541)
        let count = suite.items.reduce(0) { sum, item in
            if case .instructions(let list) = item.check { sum + list.count } else { sum }
        }
        #expect(count == 834)
        #expect(suite.items[0].id == "1000")
    }

    @Test(arguments: [
        ("Mr. Smith met Dr. Jones at 5 p.m. in St. Moritz.", 1), ("Hi there! How are you? Fine.", 3),
        ("\"Stop.\" He did not stop.", 2), ("no end", 1), ("One... two. Three", 2),
        ("It costs 3.50 a day. Cheap!", 2),
        ("J. R. Tolkien wrote it. I know.", 2),
    ])
    func sentencesAreCounted(_ text: String, _ count: Int) {
        #expect(Instruction.sentences(.atLeast(count)).isFollowed(by: text))
        #expect(!Instruction.sentences(.atLeast(count + 1)).isFollowed(by: text))
    }

    @Test func unknownInstructionsAndMissingParametersAreNamed() {
        #expect(throws: BehaviourSuiteError.Problem.unknown(key: "instruction", value: "form:sonnet")) {
            try Instruction(id: "form:sonnet", parameters: [:])
        }
        #expect(throws: BehaviourSuiteError.Problem.missing(key: "keywords:frequency keyword")) {
            try Instruction(id: "keywords:frequency", parameters: ["frequency": 2])
        }
    }

    @Test func anUnwantedFirstLineIsOverlookedLoosely() {
        let following = InstructionFollowing(
            "Sure! Here you go:\nno commas here", [.noComma, .allLowercase, .bullets(2)])
        #expect(following.strict == [true, false, false])
        #expect(following.loose == [true, true, false])
    }
}
