import CKernels
import Testing

@Suite struct EmbeddingTests {
    @Test(arguments: [1, 6, 40], supportedVariants)
    func rowsAreGatheredAndTheirGradientsScattered(_ C: Int, _ variant: ProcessorVariant) {
        let ids: [Int32] = [3, 0, 3, 4, 3], V = 5
        let weight = normalFloats(V * C, seed: 1), dout = normalFloats(ids.count * C, seed: 2)
        variant.forced {
            let out = filled(ids.count * C) { ck_embedding_forward($0, weight, ids, 0, ids.count, C) }
            #expect(out == ids.flatMap { weight[Int($0) * C..<Int($0 + 1) * C] })

            var expected = [Float](repeating: 1, count: V * C)
            for (r, id) in ids.enumerated() {
                for c in 0..<C { expected[Int(id) * C + c] += dout[r * C + c] }
            }
            let whole = filled(V * C, with: 1) { ck_embedding_backward($0, dout, ids, 0, C, ids.count, C) }
            let parts = filled(V * C, with: 1) {
                ck_embedding_backward($0, dout, ids, C / 2, C, ids.count, C)
                ck_embedding_backward($0, dout, ids, 0, C / 2, ids.count, C)
            }
            #expect(whole == expected)
            #expect(parts == expected)
        }
    }
}
