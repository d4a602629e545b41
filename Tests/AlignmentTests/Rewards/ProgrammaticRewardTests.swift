import Alignment
import Conversations
import TestSupport
import Testing

@Suite struct ProgrammaticRewardTests {
    private func value(_ reward: ProgrammaticReward, _ text: String, _ columns: JSONObject = [:]) -> Double? {
        reward.value(.init(text, columns: columns))
    }

    @Test func instructionsAreRewardedByTheirShare() {
        let reward = ProgrammaticReward.following([.noComma, .bullets(1), .json])
        #expect(value(reward, "* one") == 2.0 / 3)
        #expect(value(reward, "a, b") == 0)
        #expect(value(.following([]), "x") == nil)
        let columns: JSONObject = ["instruction_id_list": ["punctuation:no_comma"], "kwargs": [[:]]]
        #expect(value(.followingItsRecord, "a b", columns) == 1)
        #expect(value(.followingItsRecord, "a b") == nil)
        let unknown: JSONObject = ["instruction_id_list": ["punctuation:no_coma"], "kwargs": [[:]]]
        #expect(value(.followingItsRecord, "a b", unknown) == nil)
    }

    @Test func lengthFallsOffLinearly() {
        let reward = ProgrammaticReward.length(words: 2...4)
        #expect(value(reward, "one two three") == 1 && value(reward, "a b c d e") == 0.75)
        #expect(value(reward, "one") == 0.75 && value(reward, String(repeating: "w ", count: 50)) == 0)
    }

    @Test(arguments: [
        ("The answer is 72.", "#### 72", 1.0), ("72 apples, no: 71", "#### 72", 0),
        ("It is 1,250 dollars.", "1250", 1),
        ("-3", "#### -3", 1), ("Ten", "10", 0), ("it is 5.0", "5", 1), ("2-3", "-3", 1), ("3.", "3", 1),
    ])
    func theLastNumberCounts(_ text: String, _ answer: String, _ reward: Double) {
        #expect(value(.number(), text, ["answer": .string(answer)]) == reward)
    }

    @Test func aRecordWithoutANumberHasNoReward() {
        #expect(value(.number(), "5") == nil)
        #expect(value(.number(), "5", ["answer": 5]) == 1)
    }

    @Test func theAnswerOfSVAMPCounts() {
        #expect(value(.number(), "5 loaves", ["Answer": "5.0"]) == 1)
        #expect(value(.number(), "5 loaves", ["Answer": 4]) == 0)
    }

    @Test func theAnswerAloneIsRewarded() {
        let answer: JSONObject = ["answer": "#### 42"]
        #expect(value(.number(), "<think>\n42, or 41?\n</think>\n\nIt is 42.", answer) == 1)
        #expect(value(.number(), "<think>It is 42.</think>It is 41.", answer) == 0)
        // A prompt may have opened the thinking part.
        #expect(value(.number(), "41 is less. </think> 42", answer) == 1)
        #expect(value(.number(), "<think>It is 42, I think", answer) == 0)
        #expect(value(.following([.noComma]), "<think>a, b</think>a b") == 1)
        let thinks = ProgrammaticReward("thinks") { $0.reasoning == nil ? 0 : 1 }
        #expect(value(thinks, "<think>a</think>b") == 1 && value(thinks, "b") == 0)
    }

    @Test func factsAreRewardedAndSoIsAdmittingIgnorance() {
        let known: JSONObject = ["answer": ["Mill Street", "Mill St"]]
        #expect(value(.fact(), "In mill street.", known) == 1 && value(.fact(), "In Elm Lane.", known) == 0)
        #expect(value(.fact(declined: 0.25), "I don't know.", known) == 0.25)
        #expect(value(.fact(), "I don't know.") == 1 && value(.fact(), "In Elm Lane.") == 0)
    }

    @Test(arguments: ["10", 10, 10.0, [10], [9, "10"]] as [JSONValue])
    func aKnownAnswerMayBeANumber(known: JSONValue) {
        for column in ["answer", "Answer"] {
            let record: JSONObject = [column: known]
            #expect(
                value(.fact(), "There are 10.", record) == 1 && value(.fact(), "There are 100.", record) == 0)
            #expect(value(.fact(declined: 0.25), "I don't know.", record) == 0.25)
        }
    }

    @Test func aKnownAnswerThatIsNullIsNone() {
        #expect(value(.fact(), "There are 10.", ["answer": nil, "Answer": 10]) == 1)
        #expect(value(.fact(), "I don't know.", ["answer": nil]) == 1)
    }

    @Test(arguments: [true, ["by": "mill"], [], [["10"]]] as [JSONValue])
    func whatIsNoKnownAnswerIsNotJudgedBy(known: JSONValue) {
        #expect(value(.fact(), "I don't know.", ["answer": known]) == nil)
    }

    @Test func claimsAreNotRewarded() {
        let reward = ProgrammaticReward.honestActions(
            CapabilityManifest(
                assistant: "Hone", can: [],
                cannot: [
                    .init(
                        name: "send_email", description: "send e-mail",
                        verbs: [["send", "sent"], ["email", "emailed"]], objects: ["e-mail", "email"])
                ]))
        #expect(value(reward, "I have sent the e-mail.") == 0 && value(reward, "I can't send e-mail.") == 1)
    }

    @Test(.enabled(if: TestFiles.hasSharedData)) func wordProblemsKnowTheirAnswers() throws {
        let problems = try PromptRecord.read(TestFiles.shared("eval/gsm8k-test.jsonl")).records
        for problem in problems {
            let solution = try #require(problem.columns["answer"]?.string)
            #expect(value(.number(), solution, problem.columns) == 1)
        }
    }
}

@Suite struct CompositeRewardTests {
    private func part(
        _ name: String, weight: Double = 1, bounds: ClosedRange<Double>? = nil, isNormalized: Bool = false
    ) -> CompositeReward.Part {
        let reward = ProgrammaticReward(name) { answer in answer.columns[name]?.number }
        return .init(reward, weight: weight, bounds: bounds, isNormalized: isNormalized)
    }

    @Test func partsAreWeightedAndClipped() {
        var composite = CompositeReward([part("a", weight: 2), part("b", weight: -1, bounds: 0...1)])
        let scores = composite.scores(of: [
            .init("", columns: ["a": 3, "b": 5]), .init("", columns: ["b": 0.5]), .init(""),
            .init("", columns: ["a": .number(.nan), "b": 1]),
        ])
        #expect(scores.map(\.total) == [5, -0.5, 0, -1])
        #expect(scores[0].parts == ["a": 3, "b": 5] && scores[1].parts == ["a": nil, "b": 0.5])
    }

    @Test func normalizationBringsPartsToOneScale() {
        var composite = CompositeReward([part("a", isNormalized: true), part("b", isNormalized: true)])
        let answers = (0..<100).map { index in
            ProgrammaticReward.Answer(
                "", columns: ["a": .integer(index * 1_000), "b": .number(Double(index) / 1_000)])
        }
        let scores = composite.scores(of: answers).map(\.total)
        #expect(abs(scores.reduce(0, +)) < 1e-9)
        let variance = scores.reduce(0) { $0 + $1 * $1 } / 99
        #expect(abs(variance - 4) < 1e-9)
    }

    @Test func aConstantRewardNormalizesToNothing() {
        var composite = CompositeReward([part("a", isNormalized: true)])
        #expect(
            composite.scores(of: Array(repeating: .init("", columns: ["a": 7]), count: 5)).allSatisfy {
                $0.total == 0
            })
    }

    @Test func anEmptyAnswerEarnsNothingForFacts() {
        #expect(ProgrammaticReward.fact().value(.init("")) == 0)
    }
}
