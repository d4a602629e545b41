import CKernels
import Testing

@Suite struct PhiloxTests {
    /// The three vectors that the authors of Philox publish with Random123: counter, key, block.
    @Test(
        arguments: [
            ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
            (
                [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF],
                [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
            ),
            (
                [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
                [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
            ),
        ] as [([UInt32], [UInt32], [UInt32])])
    func blocksMatchPublishedAnswers(counter: [UInt32], key: [UInt32], block: [UInt32]) {
        let source = ck_random(
            key: joined(key[0], key[1]), stream: joined(counter[2], counter[3]),
            position: joined(counter[0], counter[1]))
        let words = ck_random_block_at(source).word
        #expect([words.0, words.1, words.2, words.3] == block)
    }

    @Test(arguments: supportedVariants)
    func everyVariantFillsWithTheSameBits(variant: ProcessorVariant) {
        // A start that is not a multiple of a tile, and a position whose lower half overflows within the fill.
        let source = ck_random(key: 7, stream: 3, position: 0xFFFF_FFF0)
        for range in [0..<1, 0..<64, 5..<6, 61..<67, 63..<64, 64..<128, 3..<1_000] {
            let blocks = range.map { index in
                var place = source
                place.position += UInt64(index / 4)
                let word = ck_random_block_at(place).word
                return [word.0, word.1, word.2, word.3][index % 4]
            }
            let words = variant.forced { fill(range, UInt32(0)) { ck_random_words($0, source, $1, $2) } }
            #expect(words == blocks)

            let uniform = variant.forced {
                fill(range, Float(0)) { ck_random_uniform($0, source, $1, $2, -1, 2) }
            }
            #expect(uniform == blocks.map { -1 + 3 * (Float($0 >> 8) * 0x1p-24) })

            let normal = { fill(range, Float(0)) { ck_random_normal($0, source, $1, $2, 1, 2, 0.01) } }
            #expect(variant.forced(normal) == ProcessorVariant(value: CK_VARIANT_PLAIN).forced(normal))
        }
    }
}

private func joined(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }

/// The elements of `range` after `body` wrote them, having seen that it wrote no others.
private func fill<Element: Equatable>(
    _ range: Range<Int>, _ blank: Element, _ body: (UnsafeMutablePointer<Element>, Int, Int) -> Void
) -> [Element] {
    var elements = [Element](repeating: blank, count: range.upperBound + 64)
    elements.withUnsafeMutableBufferPointer { body($0.baseAddress!, range.lowerBound, range.upperBound) }
    for index in elements.indices where !range.contains(index) { #expect(elements[index] == blank) }
    return Array(elements[range])
}
