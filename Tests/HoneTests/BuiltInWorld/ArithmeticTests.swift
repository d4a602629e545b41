import BuiltInWorld
import Foundation
import Testing

@Suite struct ArithmeticTests {
    /// The result of a question, from left to right.
    private func result(_ question: String) -> Int? {
        let words = question.dropFirst("What is ".count).dropLast().split(separator: " ").map(String.init)
        guard var result = words.first.flatMap({ Int($0) }) else { return nil }
        for index in stride(from: 1, to: words.count - 1, by: 2) {
            guard let number = Int(words[index + 1]) else { return nil }
            result += words[index] == "-" ? -number : number
        }
        return result
    }

    @Test(arguments: [1, 2] as [UInt64]) func theStepsLeadToTheAnswer(_ seed: UInt64) throws {
        let problems = Arithmetic.problems(500, isHeldOut: false, seed: seed)
        #expect(Set(problems).count == 500)
        for problem in problems {
            #expect(problem.steps.count == 3)
            #expect(result(problem.question) == problem.answer, "\(problem.question)")
            // Each step begins with what the one before gave, and is right.
            var last = String(problem.question.dropFirst("What is ".count).prefix { $0 != " " })
            for step in problem.steps {
                let sides = step.components(separatedBy: " = ")
                #expect(sides[0].hasPrefix(last + " "))
                #expect(result("What is \(sides[0])?") == Int(sides[1]))
                #expect(Int(sides[1]).map { $0 >= 0 } == true)
                last = sides[1]
            }
            #expect(last == "\(problem.answer)")
        }
    }

    @Test func whatIsHeldOutIsNeverLearnedFrom() {
        let learned = Set((1...4).flatMap { Arithmetic.problems(2_000, isHeldOut: false, seed: $0) })
        let heldOut = Arithmetic.problems(Arithmetic.most, isHeldOut: true, seed: 9)
        #expect(heldOut.count == 2_000 && learned.isDisjoint(with: heldOut))
        #expect(heldOut == Arithmetic.problems(2_000, isHeldOut: true, seed: 9))
    }

    @Test func aRecordServesSFTAndRewards() throws {
        let problem = Arithmetic.problems(1, isHeldOut: false, seed: 1)[0]
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(problem.line.utf8)) as? [String: Any])
        let completion = try #require(record["completion"] as? [[String: String]])[0]["content"] ?? ""
        #expect(completion.hasPrefix("<think>\n") && completion.hasSuffix("</think>\n\n\(problem.answer)"))
        #expect(record["answer"] as? String == "\(problem.answer)")
        #expect((record["prompt"] as? [[String: String]])?[0]["content"] == problem.question)
    }
}
