import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// Multiple-choice and cloze tasks, and the likelihood of texts.
@Suite struct EvaluationTests {
    @Test func wilsonIntervalOfKnownProportions() {
        let half = Proportion(hits: 5, of: 10)
        #expect(
            abs(half.interval.lowerBound - 0.2366) < 1e-4 && abs(half.interval.upperBound - 0.7634) < 1e-4)
        let none = Proportion(hits: 0, of: 10)
        #expect(none.interval.lowerBound == 0 && abs(none.interval.upperBound - 0.2775) < 1e-4)
        #expect(Proportion().interval == 0...1)
    }

    @Test func uniformModelPrefersShortAnswersAndIsIndifferentByLength() throws {
        let scorer = try byteScorer(ScoreTests.uniform(vocabulary: 256, context: 64))
        let options = ["abcdef", "ab"].map {
            EvaluationTask.Option(prompt: "Which", completion: " \($0)")
        }
        let report = scorer.report(
            on: EvaluationTask(
                name: "t", questions: [.init(options: options, gold: 1), .init(options: options, gold: 0)]))
        #expect(report.accuracy == Proportion(hits: 1, of: 2))
        // (1 + n) log 256 / n is least for the longer one.
        #expect(report.lengthNormalized == Proportion(hits: 1, of: 2))
        #expect(report.gold.tokens == 10)
        #expect(abs(report.gold.natsPerToken - log(256)) < 1e-5)
    }

    @Test func likelihoodOfBytes() throws {
        let scorer = try byteScorer(ScoreTests.uniform(vocabulary: 256, context: 8))
        let likelihood = scorer.likelihood(of: Array("any text, however long".utf8))
        #expect(likelihood.bytes == 21 && likelihood.score.tokens == 21)
        #expect(abs(likelihood.bitsPerByte - 8) < 1e-5)
        #expect(scorer.likelihood(of: []).score.tokens == 0)
    }

    @Test func tokenizerThatIsTooLargeIsRefused() {
        #expect(throws: LikelihoodError.vocabulary(tokenizer: 256, model: 100)) {
            try byteScorer(ScoreTests.uniform(vocabulary: 100))
        }
    }

    @Test(arguments: [
        "", "{}", "[1]", "nonsense", #"{"query":"q","choices":["a","b"],"gold":2}"#,
        #"{"query":"q","choices":["a","b"],"gold":-1}"#, #"{"query":"q","choices":["a"],"gold":0}"#,
        #"{"context":"c","continuation":""}"#,
    ])
    func malformedTasksNameFileAndLine(line: String) throws {
        let file = URL.temporaryDirectory.appending(component: "hone-task-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(line.utf8).write(to: file)
        let error = #expect(throws: LikelihoodError.self) { try EvaluationTask(contentsOf: file) }
        guard case .malformed(let name, 1, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(name.hasSuffix(file.lastPathComponent))
    }

    @Test func fiveFaultsHaveFiveMessages() throws {
        let file = URL.temporaryDirectory.appending(component: "hone-task-\(UUID()).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        let faults = [
            (#"{"query""#, "expected JSON"), (#"{"query":"q","choices":["a","b"]}"#, "only query, choices"),
            (#"{"query":"q","choices":["a","b"],"gold":2}"#, "\"gold\" from 0 to 1, found 2"),
            (#"{"query":"q","choices":["a"],"gold":0}"#, "at least 2 \"choices\", found 1"),
            (#"{"query":"q","choices":["a","b"],"gold":"1"}"#, "expected an integer"),
            (#"{"context":"c","continuation":""}"#, "an empty one"),
        ]
        for (line, words) in faults {
            try Data(line.utf8).write(to: file)
            let error = #expect(throws: LikelihoodError.self) { try EvaluationTask(contentsOf: file) }
            #expect("\(String(describing: error))".contains(words), "\(String(describing: error))")
        }
    }

    @Test(
        .enabled(if: TestFiles.hasSharedData),
        arguments: [
            ("arc_challenge", 1172), ("arc_easy", 2376), ("piqa", 1838), ("copa", 100), ("openbook_qa", 500),
            ("winogrande", 1267), ("lambada_openai", 5153), ("mmlu-dev", 285), ("mmlu-val", 1531),
        ])
    func readsRealTasks(name: String, count: Int) throws {
        let task = try EvaluationTask(contentsOf: TestFiles.shared("eval/\(name).jsonl"))
        #expect(task.name == name && task.questions.count == count)
        #expect(task.questions.allSatisfy { ($0.gold == nil) == ($0.options.count == 1) })
    }

    @Test(.enabled(if: TestFiles.hasSharedData)) func promptsAreAsTheTasksMeanThem() throws {
        func first(_ name: String) throws -> EvaluationTask.Question {
            try EvaluationTask(contentsOf: TestFiles.shared("eval/\(name).jsonl"), limit: 1).questions[0]
        }
        #expect(try first("copa").options[1].prompt == "The man turned on the faucet, therefore")
        #expect(try first("copa").options[1].completion == " water flowed from the spout.")
        #expect(try first("piqa").options[0].prompt.hasSuffix("it's new occupants?\nAnswer:"))
        #expect(try first("winogrande").options[1].prompt.hasSuffix("so Maria"))
        #expect(
            try first("lambada_openai").options == [
                .init(prompt: first("lambada_openai").options[0].prompt, completion: " signs")
            ])
        let mmlu = try first("mmlu-dev")
        #expect(mmlu.gold == 1 && mmlu.options.map(\.completion) == [" A", " B", " C", " D"])
        #expect(mmlu.options[0].prompt.contains("about abstract algebra.\n\nFind all c in Z_3"))
        #expect(mmlu.options[0].prompt.hasSuffix("\nA. 0\nB. 1\nC. 2\nD. 3\nAnswer:"))
    }
}
