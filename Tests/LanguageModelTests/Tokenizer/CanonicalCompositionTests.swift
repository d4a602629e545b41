import Foundation
import Testing
import TextCorpus

@Suite struct CanonicalCompositionTests {
    private func composed(_ text: String) -> String {
        String(decoding: CanonicalComposition.composed(Array(text.utf8)), as: UTF8.self)
    }

    @Test func formCMatchesTheUnicodeDatabase() throws {
        for pair in try TokenizerData.fixture("composition.json", as: [[String]].self) {
            #expect(Array(composed(pair[0]).unicodeScalars) == Array(pair[1].unicodeScalars))
        }
    }

    @Test func compatibilityFormsMatchTheUnicodeDatabase() throws {
        func text(_ bytes: [UInt8]?, else text: String) -> [UInt8] { bytes ?? Array(text.utf8) }
        for forms in try TokenizerData.fixture("compatibility.json", as: [[String]].self) {
            Array(forms[0].utf8).withUnsafeBufferPointer { bytes in
                let composed = CanonicalComposition.compatibilityComposed(bytes)
                let decomposed = CanonicalComposition.decomposed(bytes, isCompatible: true)
                #expect(text(composed, else: forms[0]) == Array(forms[1].utf8))
                #expect(text(decomposed, else: forms[0]) == Array(forms[2].utf8))
            }
        }
    }

    @Test func composingTwiceIsComposingOnce() throws {
        for pair in try TokenizerData.fixture("composition.json", as: [[String]].self) {
            let once = composed(pair[0])
            #expect(Array(composed(once).utf8) == Array(once.utf8))
        }
    }

    @Test func invalidBytesStayAndSeparate() {
        // e, a stray byte, acute accent; then e and the accent side by side.
        let bytes: [UInt8] = [0x65, 0xFF, 0xCC, 0x81, 0x65, 0xCC, 0x81, 0xCC]
        #expect(CanonicalComposition.composed(bytes) == [0x65, 0xFF, 0xCC, 0x81, 0xC3, 0xA9, 0xCC])
    }

    @Test func anyBytesTerminate() {
        let choices: [UInt8] = [0x65, 0xCC, 0x81, 0x80, 0xFF, 0xE1, 0x85, 0xA1]
        for _ in 0..<2_000 {
            let bytes = (0..<12).map { _ in choices.randomElement() ?? 0 }
            #expect(CanonicalComposition.composed(bytes).count <= 3 * bytes.count)
        }
    }
}
