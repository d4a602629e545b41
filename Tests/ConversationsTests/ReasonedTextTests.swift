import Conversations
import Testing

@Suite struct ReasonedTextTests {
    @Test(arguments: [
        ("<think>\n6 · 7\n</think>\n\n42", "6 · 7", "42"), ("\n<think>a</think> b ", "a", "b "),
        ("<think></think>42", "", "42"), ("6 · 7</think>42", "6 · 7", "42"),
        ("<think>a</think>b</think>c", "a", "b</think>c"), ("<think>cut", "cut", ""), ("</think>", "", ""),
        (" 42 ", nil, " 42 "), ("", nil, ""), ("I <think> so", nil, "I <think> so"),
        ("<thinking>a", nil, "<thinking>a"),
    ])
    func textsAreDivided(_ text: String, _ reasoning: String?, _ answer: String) {
        let parts = ReasonedText(text)
        #expect(parts.reasoning == reasoning && parts.answer == answer, "\(text)")
    }

    /// However a text is cut into pieces, the parts are those of the whole.
    @Test(
        arguments: [
            "<think>\n6 · 7 \n\nis </b> 42\n</think>\n\n42 it is.", " <think></think>42", "no <think> a",
            "<think>cut </thi", "<thin", " a</think>b", "<think>a</think>b</think> c", "",
        ], [false, true])
    func aStreamGivesThePartsOfTheWhole(_ text: String, beginsThinking: Bool) {
        let whole = ReasonedText(text, beginsThinking: beginsThinking)
        guard beginsThinking || !text.hasPrefix(" a") else { return }
        for size in 1...9 {
            var stream = ReasoningStream(beginsThinking: beginsThinking)
            var (reasoning, answer, rest) = ("", "", text[...])
            while !rest.isEmpty {
                let piece = stream.append(String(rest.prefix(size)))
                (reasoning, answer) = (reasoning + piece.reasoning, answer + piece.answer)
                rest = rest.dropFirst(size)
            }
            let end = stream.finish()
            #expect(reasoning + end.reasoning == whole.reasoning ?? "", "\(text) by \(size)")
            #expect(answer + end.answer == whole.answer, "\(text) by \(size)")
        }
    }

    @Test func aPromptMayOpenTheThinking() {
        let cut = ReasonedText("6 · 7", beginsThinking: true)
        #expect(cut.reasoning == "6 · 7" && cut.answer.isEmpty)
        #expect(ReasonedText("6 · 7</think>42", beginsThinking: true).answer == "42")
    }
}
