import Testing
import TextCorpus

@Suite struct StableHashTests {
    /// The first of the vectors that the authors of SipHash publish: key 00 01 … 0f, input 00 01 … of growing
    /// length.
    @Test func agreesWithThePublishedVectors() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        let expected: [UInt64] = [
            0x726f_db47_dd0e_0e31, 0x74f8_39c5_93dc_67fd, 0x0d6c_8009_d9a9_4f5a, 0x8567_6696_d7fb_7e2d,
        ]
        for (length, hash) in expected.enumerated() {
            let input = (0..<length).map { UInt8($0) }
            #expect(input.withUnsafeBufferPointer { StableHash.hash($0, key: key) } == hash)
        }
        // The example of the paper's appendix: fifteen bytes.
        let input = (0..<15).map { UInt8($0) }
        #expect(input.withUnsafeBufferPointer { StableHash.hash($0, key: key) } == 0xa129_ca61_49be_45e5)
    }

    @Test func fractionsLieBelowOne() {
        #expect(StableHash.fraction(0) == 0)
        #expect(StableHash.fraction(.max) < 1)
    }
}
