import Foundation
import TestSupport
import Testing
import TextCorpus

@Suite struct TextCleaningTests {
    private func cleaned(_ text: String, kind: DocumentKind = .text) -> String {
        var document = Document(text: text, kind: kind)
        var notes = DocumentNotes()
        _ = TextCleaning().apply(to: &document, notes: &notes)
        return document.text
    }

    @Test(arguments: [
        ("plain\ntext", "plain\ntext"), ("a\r\nb\rc", "a\nb\nc"), ("a \t\nb  ", "a\nb"),
        ("\n\n a\n\n\n\nb\n", " a\n\nb"),
        ("a\u{0}\u{1b}b\u{7f}\u{9c}c", "abc"), ("a\u{85}b\u{2028}c\u{2029}d\u{c}e", "a\nb\nc\nd\ne"),
        ("a\u{a0}b\u{2009}c\u{3000}d", "a b c\u{3000}d"),
        ("co\u{ad}op\u{200b}er\u{feff}ate\u{2060}", "cooperate"), ("a\u{202e}b\u{2066}c", "abc"),
        ("👩\u{200d}👧", "👩\u{200d}👧"),
        ("  \n\t\n ", ""),
    ]) func proseIsTidied(text: String, expected: String) { #expect(cleaned(text) == expected) }

    @Test func codeKeepsItsWhiteSpace() {
        let code = "def f():\n\tx = 1   \n\n\n\n    return \"\u{a0}\"\n"
        #expect(cleaned(code, kind: .code) == String(code.dropLast()))
        #expect(cleaned("a\u{202e}b\r\nc", kind: .code) == "ab\nc")
    }

    @Test func textIsComposed() {
        #expect(
            Array(cleaned("e\u{301} A\u{30a} \u{1100}\u{1161} \u{212b} か\u{3099}").unicodeScalars)
                == Array("\u{e9} \u{c5} \u{ac00} \u{c5} が".unicodeScalars))
    }

    /// The first look, which decides whether a text goes to the slow path, never lets one pass that it should
    /// not.
    @Test func everyScalarIsComposed() {
        for value in UInt32(0xa0)...0x2fa1f {
            guard let scalar = Unicode.Scalar(value), !scalar.properties.isDefaultIgnorableCodePoint,
                scalar.properties.generalCategory != .unassigned,
                scalar.properties.generalCategory != .control
            else { continue }
            let text = "x\(Character(scalar))x"
            let composed = text.precomposedStringWithCanonicalMapping
            guard !composed.utf8.elementsEqual(text.utf8), !scalar.properties.isWhitespace else { continue }
            #expect(cleaned(text).utf8.elementsEqual(composed.utf8), "U+\(String(value, radix: 16))")
        }
    }

    @Test(arguments: [
        ("it\u{e2}\u{20ac}\u{2122}s so", "it’s so"),
        ("“caf\u{c3}\u{a9}” caf\u{c3}\u{a9}, na\u{c3}\u{af}ve", "“café” café, naïve"),
        ("\u{e2}\u{20ac}\u{153}Hi!\u{e2}\u{20ac} he said", "“Hi!” he said"),
        ("\u{c3}\u{a2}\u{e2}\u{201a}\u{ac}\u{e2}\u{201e}\u{a2}", "’"),
        // As they are meant:
        ("NÃO e não, à toa", "NÃO e não, à toa"), ("Â â Ã ã", "Â â Ã ã"), ("one Ã© only", "one Ã© only"),
        ("naïve “é”", "naïve “é”"),
    ]) func mojibakeIsRepaired(text: String, expected: String) { #expect(cleaned(text) == expected) }

    @Test func textThatCouldNotBeDecodedIsDropped() {
        var document = Document(text: "abc\u{fffd}def")
        var notes = DocumentNotes()
        #expect(TextCleaning().apply(to: &document, notes: &notes)?.name == "undecodable")
        document.text = story(1) + "\u{fffd}"
        #expect(TextCleaning().apply(to: &document, notes: &notes) == nil)
    }

    @Test(.enabled(if: TestFiles.hasSharedData)) func theStressTestForDecodersIsRead() throws {
        let file = try TestFiles.shared("unicode/UTF-8-test.txt")
        #expect(try Corpus.read(.text(file)).documents.count == 1)
    }
}
