import Conversations
import Testing

@Suite struct ReasonedTextTests {
    @Test(arguments: [
        ("<think>\n6 · 7\n</think>\n\n42", "6 · 7", "42"), ("\n<think>a</think> b ", "a", "b "),
        ("<think></think>42", "", "42"), ("6 · 7</think>42", "6 · 7", "42"),
        ("<think>a</think>b</think>c", "a</think>b", "c"), ("<think>cut", "cut", ""), ("</think>", "", ""),
        (" 42 ", nil, " 42 "), ("", nil, ""), ("I <think> so", nil, "I <think> so"),
        ("<thinking>a", nil, "<thinking>a"),
    ])
    func textsAreDivided(_ text: String, _ reasoning: String?, _ answer: String) {
        let parts = ReasonedText(text)
        #expect(parts.reasoning == reasoning && parts.answer == answer, "\(text)")
    }

    @Test func aPromptMayOpenTheThinking() {
        let cut = ReasonedText("6 · 7", beginsThinking: true)
        #expect(cut.reasoning == "6 · 7" && cut.answer.isEmpty)
        #expect(ReasonedText("6 · 7</think>42", beginsThinking: true).answer == "42")
    }
}
