import Foundation
import TestSupport
import Testing
import TextCorpus

@Suite struct PageEncodingTests {
    let folder = TemporaryFolder()

    private func read(_ bytes: [UInt8]) throws -> [String] {
        try Corpus.read(.website(try folder.write("page.html", bytes))).documents.map(\.text)
    }

    @Test(arguments: [
        "<meta charset=iso-8859-1>",
        "<meta http-equiv=Content-Type content='text/html; charset=Windows-1252'>",
        "<META CHARSET=\"latin1\">", "",
    ]) func declaredLatin1IsRead(declaration: String) throws {
        #expect(try read(Array("\(declaration)<p>caf".utf8) + [0xe9, 0x20, 0x93, 0x94]) == ["café “”"])
    }

    @Test func aWrongDeclarationOfUTF8DoesNoHarm() throws {
        #expect(try read(Array("<meta charset=iso-8859-1><p>café".utf8)) == ["café"])
        #expect(try read(Array("<meta charset=koi8-r><p>café".utf8)) == ["café"])
        #expect(try read(Array("<meta charset=utf-16><p>café".utf8)) == ["café"])
    }

    @Test func otherEncodingsAreLeftOut() throws {
        #expect(try read(Array("<meta charset=shift_jis><p>".utf8) + [0x93, 0xfa, 0x96, 0x7b]) == [])
    }
}
