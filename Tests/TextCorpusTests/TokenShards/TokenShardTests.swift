import Foundation
import TestSupport
import Testing
import TextCorpus

@Suite struct TokenShardTests {
    let folder = TemporaryFolder()
    private var file: URL { folder.url.appendingPathComponent("a.tokens") }

    private func write(_ documents: [[Int32]], vocabularySize: Int) throws {
        let writer = try TokenShardWriter(file, vocabularySize: vocabularySize)
        for document in documents { try writer.append(document) }
        try writer.finish()
    }

    @Test(arguments: [100, 65_536, 65_537, 200_000]) func whatIsWrittenIsRead(vocabularySize: Int) throws {
        let top = Int32(vocabularySize - 1)
        let documents: [[Int32]] = [[0, 1, top], [], [7], [], [top, top, 3, 4], []]
        try write(documents, vocabularySize: vocabularySize)
        let shard = try TokenShard(file)
        #expect(shard.documentCount == 6 && shard.tokenCount == 8 && shard.vocabularySize == vocabularySize)
        for (index, tokens) in documents.enumerated() { #expect(shard.tokens(ofDocument: index) == tokens) }
        #expect(shard.tokens(0..<8) == documents.flatMap { $0 })
        #expect(shard.tokens(2..<5) == [top, 7, top])
        #expect((0..<8).map { shard.document(containing: $0) } == [0, 0, 0, 2, 4, 4, 4, 4])
        #expect(shard.segments(in: 1..<6) == [1..<3, 3..<4, 4..<6])
        #expect(shard.segments(in: 3..<3).isEmpty)
        let bytes = try Data(contentsOf: file).count
        #expect(bytes == 64 + (vocabularySize <= 65_536 ? 16 : 32) + 7 * 8)
    }

    @Test func documentsAreEncodedOneByOne() throws {
        let documents = (0..<50).map { Document(text: story($0)) }
        let counts = try TokenShardWriter.write(documents, to: file, vocabularySize: 256) {
            $0.utf8.map { Int32($0) }
        }
        let shard = try TokenShard(file)
        #expect(counts.documents == 50 && counts.tokens == shard.tokenCount)
        for (index, document) in documents.enumerated() {
            #expect(
                String(decoding: shard.tokens(ofDocument: index).map { UInt8($0) }, as: UTF8.self)
                    == document.text)
        }
    }

    @Test func aShardOfNothingIsAShard() throws {
        try write([], vocabularySize: 10)
        #expect(try TokenShard(file).documentCount == 0)
    }

    @Test func anUnfinishedShardLeavesNothingBehind() throws {
        try write([[1, 2]], vocabularySize: 10)
        do {
            let writer = try TokenShardWriter(file, vocabularySize: 10)
            try writer.append([5])
        }
        #expect(try TokenShard(file).tokens(0..<2) == [1, 2])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.tokens"])
    }

    private func error(_ bytes: some Sequence<UInt8>) throws -> CorpusError? {
        let file = try folder.write("hostile.tokens", bytes)
        do {
            _ = try TokenShard(file)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyDamagedByteIsFound() throws {
        try write([[1, 2, 3], [4], []], vocabularySize: 1_000)
        let whole = [UInt8](try Data(contentsOf: file))
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x10
            guard case .malformed? = try error(damaged) else {
                Issue.record("byte \(index) was not missed")
                continue
            }
        }
        for length in 0..<whole.count { #expect(try error(whole.prefix(length)) != nil) }
        #expect(try error(whole + [0]) != nil)
        #expect(try error(whole) == nil)
    }

    /// A file with sound checksums that lies: `change` is applied before they are computed.
    private func forged(
        documents: UInt64 = 2, tokens: UInt64 = 3, vocabulary: UInt64 = 10, tokenBytes: UInt32 = 2,
        version: UInt32 = 1,
        values: [UInt16] = [1, 2, 3, 0], offsets: [UInt64] = [0, 1, 3]
    ) -> [UInt8] {
        func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        func crc(_ bytes: [UInt8]) -> UInt32 {
            var crc: UInt32 = .max
            for byte in bytes {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
            }
            return ~crc
        }
        let tokenBlock = values.flatMap(bytes)
        let offsetBlock = offsets.flatMap(bytes)
        var header =
            Array("HONETOKS".utf8) + bytes(version) + bytes(tokenBytes) + bytes(documents) + bytes(tokens)
            + bytes(vocabulary) + bytes(crc(tokenBlock)) + bytes(crc(offsetBlock))
            + [UInt8](repeating: 0, count: 12)
        header += bytes(crc(header))
        return header + tokenBlock + offsetBlock
    }

    @Test func liesAreFoundBehindSoundChecksums() throws {
        #expect(try error(forged()) == nil)
        let lies: [[UInt8]] = [
            forged(documents: 1 << 60), forged(tokens: 1 << 60), forged(documents: .max),
            forged(tokens: .max), forged(documents: 3),
            forged(documents: 1), forged(tokens: 2), forged(vocabulary: 3), forged(vocabulary: 0),
            forged(tokenBytes: 4),
            forged(tokenBytes: 3), forged(tokenBytes: 0), forged(version: 2), forged(values: [1, 10, 3, 0]),
            forged(offsets: [0, 4, 3]), forged(offsets: [1, 1, 3]), forged(offsets: [0, 1, 2]),
            forged(offsets: [0, 1 << 63, 3]),
            forged(offsets: [0, .max, 3]), forged(offsets: [0, 1, 1 << 63 | 3]),
        ]
        for (index, lie) in lies.enumerated() {
            guard case .malformed? = try error(lie) else {
                Issue.record("lie \(index) was believed")
                continue
            }
        }
        #expect(throws: CorpusError.missing(file: folder.url.appendingPathComponent("no").path)) {
            try TokenShard(folder.url.appendingPathComponent("no"))
        }
    }
}
