import Alignment
import NeuralCore

/// What there is to say about the records of a file: what was left out, what was cut, and what is read otherwise than
/// people may expect.
struct ReadingReport {
    /// The longest example, tokens.
    let context: Int
    /// Answers whose end lies beyond the context.
    var answersCut = 0
    /// Records whose margin means nothing to what is trained.
    var marginsUnused = 0
    /// Records whose prompt is plain text, read by a chat model outside its template.
    var plainPrompts = 0
    private var omitted: [String: Int] = [:]
    private var examples: [String] = []

    init(context: Int) { self.context = context }

    /// Counts a record that was left out.
    ///
    /// - Parameters:
    ///   - category: The problem without its particulars, to count by.
    ///   - isStrict: Throws instead.
    mutating func omit(
        _ category: String, _ problem: String, _ file: String, _ line: Int, isStrict: Bool
    ) throws {
        guard !isStrict else {
            throw TrainingRunError.noExamples(file: "\(file):\(line)", reason: problem)
        }
        omitted[category, default: 0] += 1
        if examples.count < 10 { examples.append("  line \(line): \(problem)") }
    }

    /// One sentence for each thing there is to say; of several lines where records are named.
    var sentences: [String] {
        var sentences: [String] = []
        if !omitted.isEmpty {
            let counts = omitted.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let lines =
                ["\(counted(omitted.values.reduce(0, +), "record")) left out"]
                + counts.map { "  \(grouped($0.value)) \($0.key)" } + examples
            sentences.append(lines.joined(separator: "\n"))
        }
        if answersCut > 0 {
            let answers = counted(answersCut, "answer is", plural: "answers are")
            sentences.append("\(answers) cut at the context of \(counted(context, "token"))")
        }
        if marginsUnused > 0 {
            let records = counted(marginsUnused, "record has", plural: "records have")
            sentences.append("\(records) a margin, which only reward models are trained with")
        }
        if plainPrompts > 0 {
            let records = counted(plainPrompts, "record has", plural: "records have")
            sentences.append(
                "\(records) a prompt of plain text, which is read as it stands though this is a chat model; --chat puts "
                    + "its chat template around it")
        }
        return sentences
    }
}

extension SupervisedTokens {
    /// The number of tokens up to the end of each run of trained ones, as which an answer counts.
    var answerEnds: [Int] {
        ids.indices.filter { isTrained[$0] && ($0 + 1 == count || !isTrained[$0 + 1]) }.map { $0 + 1 }
    }
}
