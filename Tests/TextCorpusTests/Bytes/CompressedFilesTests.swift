import Foundation
import Tables
import TestSupport
import Testing
import TextCorpus

/// gzip files, read as plain text.
@Suite struct CompressedFilesTests {
    let folder = TemporaryFolder()

    @Test func gzipIsKnownByItsFirstBytes() throws {
        let file = try folder.write("notes", gzipped(Array("Once upon a time.".utf8), level: 6))
        #expect(try Corpus.read(.text(file)).documents.map(\.text) == ["Once upon a time."])
    }

    @Test func allMembersAreRead() throws {
        let parts = ["one ", "two ", "", "three"].map { gzipped(Array($0.utf8), level: 6) }
        let file = try folder.write("parts.txt.gz", Array(parts.joined()))
        let (documents, problems) = try Corpus.read(.text(file))
        #expect(documents.map(\.text) == ["one two three"])
        #expect(problems.isEmpty)
    }

    @Test func zerosMayPadTheEnd() throws {
        let file = try folder.write(
            "padded.gz", gzipped(Array("text".utf8), level: 6) + [UInt8](repeating: 0, count: 999))
        let (documents, problems) = try Corpus.read(.text(file))
        #expect(documents.map(\.text) == ["text"])
        #expect(problems.isEmpty)
    }

    @Test(arguments: [0.02, 0.3, 0.5, 0.9, 0.999]) func truncationIsAnErrorThatNamesThePlace(share: Double)
        throws
    {
        let text = (0..<2_000).map { "line \($0 &* 7_919 % 10_007)\n" }.joined()
        let whole = gzipped(Array(text.utf8), level: 6)
        let file = try folder.write("cut.gz", whole.prefix(max(3, Int(Double(whole.count) * share))))
        let (documents, problems) = try Corpus.read(.text(file))
        #expect(problems.count == 1)
        guard case .malformed(let path, let place, let found, _)? = problems.first else {
            Issue.record("found \(problems)")
            return
        }
        #expect(path == file.path)
        #expect(place.hasPrefix("byte "))
        #expect(found == "the end of the file")
        for document in documents { #expect(text.contains(document.text)) }
    }

    @Test func damageIsAnError() throws {
        var whole = gzipped(Array(story(1, words: 2_000).utf8), level: 6)
        for index in stride(from: 200, to: whole.count - 100, by: 97) { whole[index] ^= 0x55 }
        let problems = try Corpus.read(.text(try folder.write("damaged.gz", whole))).problems
        guard case .malformed? = problems.first else {
            Issue.record("found \(problems)")
            return
        }
    }

    @Test func otherDataBehindAMemberIsAnError() throws {
        let file = try folder.write("mixed.gz", gzipped(Array("text".utf8), level: 6) + Array("plain".utf8))
        #expect(try Corpus.read(.text(file)).problems.count == 1)
    }

    /// A bomb: 32 MiB of one letter in 32 KiB.
    @Test func bombsEndInAnErrorNotInMemory() throws {
        let bomb = gzipped([UInt8](repeating: 0x61, count: 1 << 25), level: 9)
        let file = try folder.write("bomb.gz", bomb)
        for source in [CorpusSource.text(file), .jsonLines(file), .website(file), .markdown(file)] {
            let (documents, problems) = try Corpus.read(source)
            let read = documents.reduce(0) { $0 + $1.text.utf8.count }
            #expect(read < 1 << 25)
            guard case .website = source else {
                guard case .exceedsLimit(let path, _, _, _)? = problems.first else {
                    Issue.record("found \(problems) for \(source.format)")
                    continue
                }
                #expect(path == file.path)
                continue
            }
        }
    }

    @Test func theSizeMayBeLimited() throws {
        let file = try folder.write("long.gz", gzipped(Array(story(1, words: 9_000).utf8), level: 6))
        var limits = ReadingLimits()
        limits.inflatedBytes = 10_000
        guard case .exceedsLimit? = try Corpus.read(.text(file), limits: limits).problems.first else {
            Issue.record("the limit was passed over")
            return
        }
    }
}
