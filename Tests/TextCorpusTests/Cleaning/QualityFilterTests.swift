import TestSupport
import Testing
import TextCorpus

@Suite struct QualityFilterTests {
    private func reason(_ text: String, _ kind: DocumentKind = .web, _ level: QualityFilter.Level = .standard)
        -> String?
    {
        var document = Document(text: text, kind: kind)
        var notes = DocumentNotes()
        return QualityFilter(level).apply(to: &document, notes: &notes)?.name
    }

    @Test func proseIsLetThrough() {
        #expect(reason(story(1)) == nil)
        #expect(reason(story(2), .text, .strict) == nil)
    }

    @Test func everyRuleDropsWhatItIsFor() {
        let words = (0..<80).map { "wort\($0)" }
        #expect(reason("Too short a page.") == "quality_words")
        #expect(reason(words.joined(separator: " ")) == "quality_function_words")
        #expect(
            reason("the of " + words.map { $0 + "unaussprechlich" }.joined(separator: " "))
                == "quality_mean_word_length")
        #expect(
            reason("the of " + words.map { "#" + $0 }.joined(separator: " ")) == "quality_symbols_per_word")
        #expect(reason(words.map { "- the \($0)" }.joined(separator: "\n")) == "quality_bullet_lines")
        #expect(
            reason(words.map { "the \($0) went..." }.joined(separator: "\n")) == "quality_symbols_per_word")
        #expect(
            reason("the of " + (0..<200).map { "\(1_000 + $0)" }.joined(separator: " "))
                == "quality_alphabetic_words")
        #expect(reason(story(1) + "\nLorem ipsum dolor sit amet.") == "quality_filler")
        #expect(
            reason(Array(repeating: "the line of the day", count: 30).joined(separator: "\n"))
                == "quality_repeated_lines")
        #expect(
            reason(story(1) + Array(repeating: " buy the best now", count: 40).joined())
                == "quality_most_frequent_2_words")
    }

    @Test func textThatSomebodyChoseIsTrusted() {
        #expect(reason("A very short story, and its end.", .text) == nil)
        #expect(reason((0..<500).map { "name\($0)" }.joined(separator: "\n"), .text) == nil)
        #expect(reason("= - = - = - = a b c d e f - = - = - = - = -", .text) == "quality_letters_and_digits")
        #expect(reason("", .text, .off) == nil)
    }

    @Test func codeHasItsOwnRules() {
        #expect(reason("int x;\n", .code) == nil)
        #expect(reason(String(repeating: "x = 1; ", count: 200), .code) == "quality_mean_line_length")
        #expect(
            reason(String(repeating: "y\n", count: 200) + String(repeating: "x", count: 1_500), .code)
                == "quality_longest_line")
        #expect(reason(String(repeating: "{{}};;\n", count: 50), .code) == "quality_letters_and_digits")
    }

    @Test func scriptsWithoutSpacesAreNotHeldToThem() {
        let text = "吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。吾輩はここで始めて人間というものを見た。"
        #expect(reason(text) == nil)
    }

    @Test func boundsCanBeSet() {
        var filter = QualityFilter()
        let known = filter.set("words", minimum: 3)
        let unknown = filter.set("no_such_rule", minimum: 3)
        #expect(known && !unknown)
        var document = Document(text: "the horses of that village", kind: .web)
        var notes = DocumentNotes()
        #expect(filter.apply(to: &document, notes: &notes) == nil)
    }

    @Test(arguments: [
        ("the cat and the dog were not in the house when he came to see them", "en"),
        ("der Hund und die Katze sind nicht in dem Haus, das wir auch mit dem Kind sehen", "de"),
        ("le chat et le chien ne sont pas dans la maison que nous avons pour les vacances", "fr"),
        ("吾輩は猫である。名前はまだ無い。", "ja"), ("我是一只猫没有名字", "zh"), ("나는 고양이로소이다 이름은 아직 없다", "ko"),
        ("и он не был в доме, но это было так, как она хотела", "ru"), ("x1 y2 z3 qq ww", nil),
    ]) func languagesAreTold(text: String, language: String?) {
        var document = Document(text: text)
        var notes = DocumentNotes()
        _ = LanguageNoting().apply(to: &document, notes: &notes)
        #expect(document.language == language)
    }
}
