import CKernels
import NeuralCore
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
    /// Runs `body` with `count` threads and puts the number back.
    static func with<R>(threads count: Int, _ body: () throws -> R) rethrows -> R {
        let before = ThreadPool.count
        ThreadPool.count = count
        defer { ThreadPool.count = before }
        return try body()
    }

    @Test(arguments: [1, 2, 3, 7], [0, 1, 2, 3, 1_000])
    func everyTaskRunsExactlyOnce(threads: Int, tasks: Int) {
        Self.with(threads: threads) {
            for _ in 0..<50 {
                var runs = [UInt8](repeating: 0, count: tasks)
                runs.withUnsafeMutableBufferPointer { runs in parallelFor(tasks: tasks) { runs[$0] += 1 } }
                #expect(runs.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test func nestedLoopsFinish() {
        Self.with(threads: 3) {
            let total = Atomic(0)
            parallelFor(tasks: 20) { outer in
                parallelFor(tasks: 20) { total.add(outer * $0, ordering: .relaxed) }
            }
            #expect(total.load(ordering: .relaxed) == 190 * 190)
        }
    }

    @Test func loopsOfSeveralThreadsFinish() async {
        let totals = await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let total = Atomic(0)
                    for _ in 0..<200 { parallelFor(tasks: 10) { total.add($0, ordering: .relaxed) } }
                    return total.load(ordering: .relaxed)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(totals == Array(repeating: 200 * 45, count: 4))
    }

    @Test func helpersUseTheVariantOfTheCaller() {
        Self.with(threads: 3) {
            let strangers = Atomic(0)
            for variant in [CK_VARIANT_PLAIN, ck_variant_current()] {
                #expect(ck_variant_force(variant))
                parallelFor(tasks: 100) { _ in
                    if ck_variant_current() != variant { strangers.add(1, ordering: .relaxed) }
                }
                ck_variant_reset()
            }
            #expect(strangers.load(ordering: .relaxed) == 0)
        }
    }

    // Suites that run beside this one set the number too, so only its range is certain.
    @Test(arguments: [-1, 0, 1_000]) func numberOfThreadsIsLimited(threads: Int) {
        Self.with(threads: threads) { #expect((1...256).contains(ThreadPool.count)) }
    }
}
