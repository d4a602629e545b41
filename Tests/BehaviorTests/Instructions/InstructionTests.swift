import Behavior
import Foundation
import TestSupport
import Testing

@Suite struct InstructionTests {
    /// Verdicts of the reference implementation; `Fixtures/ifeval.py` writes them.
    private static let fixture: JSONValue = {
        let data = try? Data(contentsOf: TestFiles.fixtures().appending(path: "ifeval.json"))
        return (try? JSONValue(parsing: Array(data ?? Data()))) ?? .null
    }()

    /// Checks that are approximate, as Documentation/BehaviorSuites.md says: sentences are cut by rule and not by a trained
    /// model, words in capital letters are counted after a small tokenizer, the language of a few words is guessed.
    private static let approximate: Set<String> = [
        "language:response_language", "change_case:english_capital", "change_case:english_lowercase",
        "length_constraints:number_sentences", "change_case:capital_word_frequency",
    ]

    /// Whether the reference and we agree on an answer, strictly and loosely.
    private func agreements() throws -> [(id: String, detail: String, agrees: Bool)] {
        let answers = try #require(Self.fixture["answers"]?.array).compactMap(\.string)
        let rows = try #require(Self.fixture["instructions"]?.array)
        #expect(answers.count > 70 && rows.count > 60)
        return try rows.flatMap { row in
            let id = try #require(row["id"]?.string)
            let instruction = try Instruction(id: id, parameters: try #require(row["kwargs"]?.object))
            let strict = Array(try #require(row["strict"]?.string))
            let loose = Array(try #require(row["loose"]?.string))
            return answers.enumerated().map { index, answer in
                let agrees =
                    instruction.isFollowed(by: answer) == (strict[index] == "1")
                    && instruction.isLooselyFollowed(by: answer) == (loose[index] == "1")
                return (id, "\(id) \(row["kwargs"]?.text() ?? "") on \(answer)", agrees)
            }
        }
    }

    @Test func verdictsAreThoseOfTheReference() throws {
        for verdict in try agreements() where !Self.approximate.contains(verdict.id) {
            #expect(verdict.agrees, "\(verdict.detail)")
        }
    }

    @Test func approximateVerdictsAreMostlyThoseOfTheReference() throws {
        let verdicts = try agreements().filter { Self.approximate.contains($0.id) }
        let share = Double(verdicts.count { $0.agrees }) / Double(verdicts.count)
        #expect(share > 0.9, "\(share) of \(verdicts.count) verdicts")
        for id in Self.approximate {
            let own = verdicts.filter { $0.id == id }
            #expect(own.count { $0.agrees } * 10 > own.count * 8, "\(id)")
        }
    }

    @Test(.enabled(if: TestFiles.hasSharedData)) func everyInstructionOfTheBenchmarkIsKnown() throws {
        let suite = try BehaviorSuite(contentsOf: TestFiles.shared("eval/ifeval-input_data.jsonl"))
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
        #expect(throws: BehaviorSuiteError.Problem.unknown(key: "instruction", value: "form:sonnet")) {
            try Instruction(id: "form:sonnet", parameters: [:])
        }
        #expect(throws: BehaviorSuiteError.Problem.missing(key: "keywords:frequency keyword")) {
            try Instruction(id: "keywords:frequency", parameters: ["frequency": 2])
        }
    }

    @Test func anUnwantedFirstLineIsOverlookedLoosely() {
        let following = InstructionFollowing(
            "Sure! Here you go:\nno commas here", [.noComma, .allLowercase, .bullets(2)])
        #expect(following.strict == [true, false, false])
        #expect(following.loose == [true, true, false])
    }

    @Test(arguments: [
        (#"{}"#, nil), (#"{"instruction_id_list": [], "kwargs": null}"#, nil),
        (#"{"kwargs": [{}]}"#, "'instruction_id_list' is missing"),
        (
            #"{"instruction_id_list": ["punctuation:no_comma"]}"#,
            "'kwargs' should be one object for each instruction"
        ),
        (
            #"{"instruction_id_list": ["punctuation:no_coma"], "kwargs": [{}]}"#,
            "'instruction' is 'punctuation:no_coma', which is not known"
        ),
        (
            #"{"instruction_id_list": ["length_constraints:number_words"], "kwargs": [{"num_words": 3, "relation": "at leest"}]}"#,
            "'relation' is 'at leest', which is not known"
        ),
    ])
    func whatIsNotKnownInARecordIsNamed(_ line: String, _ problem: String?) throws {
        let record = try #require(try JSONValue(parsing: line).object)
        do throws(BehaviorSuiteError.Problem) {
            let list = try Instruction.list(of: record)
            #expect(list == nil && problem == nil)
        } catch {
            #expect(error.description == problem)
        }
    }
}
