import NeuralCore
import Testing

@Suite struct BufferPoolTests {
    @Test func sizeClassesHoldWhatIsAskedAndWasteAtMostAnEighth() {
        for byteCount in [0, 1, 63, 64, 65, 127, 128, 1000, 4096, 65_537, 12_345_678] {
            let sizeClass = SizeClass(holding: byteCount)
            #expect(sizeClass.byteCount >= byteCount)
            #expect(sizeClass.byteCount <= max(64, byteCount + byteCount / 8 + 8))
            #expect(SizeClass(holding: sizeClass.byteCount) == sizeClass)
        }
    }

    /// In a process of its own, because the pool is the process's.
    @Test func aDroppedBufferServesTheNextTensorOfItsSize() async {
        await #expect(processExitsWith: .success) {
            let pool = BufferPool.shared
            for _ in 0..<10 { _ = Tensor(zeros: [1000, 1000]) }
            #expect(pool.statistics.systemAllocations == 1)
            #expect(pool.statistics.bytesInUse == 0)
            pool.releaseUnused()
            #expect(pool.statistics.bytesUnused == 0)
        }
    }

    /// Batches of many lengths share their buffers.
    @Test func aSomewhatLargerBufferServesToo() async {
        await #expect(processExitsWith: .success) {
            let pool = BufferPool.shared
            for size in [1_400_000, 1_000_000, 1_400_000] { _ = Tensor(zeros: [size]) }
            #expect(pool.statistics.systemAllocations == 1)
            _ = Tensor(zeros: [600_000])
            #expect(pool.statistics.systemAllocations == 2)
            #expect(pool.statistics.bytesInUse == 0)
        }
    }

    @Test func anySmallBufferServesASmallRequest() async {
        await #expect(processExitsWith: .success) {
            let pool = BufferPool.shared
            for size in [16_000, 10, 3_000, 16_000] { _ = Tensor(zeros: [size]) }
            #expect(pool.statistics.systemAllocations == 1)
            #expect(pool.statistics.bytesInUse == 0)
        }
    }

    /// What it stands for need not be kept as well, but for the last of its class.
    @Test func aNewBufferReplacesOneOfSeveralSomewhatSmaller() async {
        await #expect(processExitsWith: .success) {
            let pool = BufferPool.shared
            // So much may be kept.
            let most = Tensor(zeros: [20_000_000])
            defer { withExtendedLifetime(most) {} }
            do { _ = [Tensor(zeros: [1_000_000]), Tensor(zeros: [1_000_000])] }
            let smaller = pool.statistics.bytesUnused / 2
            for (size, allocations) in [(1_400_000, 4), (1_700_000, 5)] {
                let before = pool.statistics.bytesUnused
                _ = Tensor(zeros: [size])
                #expect(pool.statistics.systemAllocations == allocations)
                let replaced = allocations == 4 ? smaller : 0
                #expect(pool.statistics.bytesUnused >= before + 4 * size - replaced)
                #expect(pool.statistics.bytesUnused <= before + 9 * size / 2 - replaced)
            }
        }
    }

    @Test func whatIsKeptStaysWithinTwiceWhatWasInUse() async {
        await #expect(processExitsWith: .success) {
            for size in stride(from: 100_000, to: 3_000_000, by: 100_000) { _ = Tensor(zeros: [size]) }
            let statistics = BufferPool.shared.statistics
            #expect(statistics.bytesInUse + statistics.bytesUnused <= 2 * statistics.peakBytesInUse)
        }
    }
}
