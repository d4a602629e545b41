import NeuralCore
import Testing

/// Keys and values that grow, in four bytes and in two.
@Suite struct KeyRowsTests {
    static let formats = KeyRows.Format.allCases

    private func drawn(_ shape: Shape, _ seed: UInt64) -> Tensor {
        var random = RandomSource(seed: seed)
        return Tensor(random.numbers(shape.count, from: .normal()), shape: shape)
    }

    @Test(arguments: formats, [1, 3, 8]) func rowsGrowAtTheirEnd(_ format: KeyRows.Format, _ channels: Int) {
        let source = drawn([9, channels], 1)
        var rows = KeyRows(channels: channels, capacity: 1, format: format)
        rows.append(2..<3, of: source)
        let copy = rows
        rows.append(3..<9, of: source)
        rows.append(0..<0, of: source)
        let kept = format == .float32 ? source : StoredMatrix(source, as: .bfloat16).tensor
        #expect(rows.count == 7 && rows.tensor.scalars == kept[2..<9].scalars)
        #expect(copy.count == 1 && copy.tensor.scalars == kept[2..<3].scalars)
        rows.removeAll()
        rows.append(0..<1, of: source)
        #expect(rows.tensor.scalars == kept[0..<1].scalars)
    }

    /// One prompt seen by all rows, and a run of its own for each row, as in decoding.
    private func attended(
        _ query: Tensor, _ keys: Tensor, _ values: Tensor, prompt: Int, _ format: KeyRows.Format
    ) -> Tensor {
        func run(_ rows: Range<Int>) -> (KeyRows, KeyRows) {
            var (k, v) = (
                KeyRows(channels: keys.channels, capacity: 2, format: format),
                KeyRows(channels: keys.channels, capacity: 2, format: format)
            )
            k.append(rows, of: keys)
            v.append(rows, of: values)
            return (k, v)
        }
        let (k, v) = run(0..<prompt)
        var spans = [KeySpan(keys: k, values: v, position: 0, queryRows: 0..<query.rows)]
        for row in 0..<query.rows {
            let (k, v) = run(prompt + row..<prompt + row + 1)
            spans.append(KeySpan(keys: k, values: v, position: prompt, queryRows: row..<row + 1))
        }
        let positions = [Int32](repeating: Int32(prompt), count: query.rows)
        return attention(query: query, positions: positions, over: spans, heads: 4, keyValueHeads: 2)
    }

    /// Few rows are computed one after another, many together: both read keys of two bytes.
    @Test(arguments: [1, 3, 40], [5, 70]) func twoBytesRoundKeysAndValuesAndNothingElse(
        _ rows: Int, _ prompt: Int
    ) {
        let query = drawn([rows, 4 * 16], 2)
        let (keys, values) = (drawn([prompt + rows, 2 * 16], 3), drawn([prompt + rows, 2 * 16], 4))
        func rounded(_ tensor: Tensor) -> Tensor { StoredMatrix(tensor, as: .bfloat16).tensor }
        let found = attended(query, keys, values, prompt: prompt, .bfloat16)
        let same = attended(query, rounded(keys), rounded(values), prompt: prompt, .float32)
        let exact = attended(query, keys, values, prompt: prompt, .float32)
        func greatest(_ other: Tensor) -> Float {
            zip(found.scalars, other.scalars).map { abs($0 - $1) }.max() ?? 0
        }
        #expect(greatest(same) < 1e-5)
        // A value is off by 2⁻⁹ of itself at most, and a weight by some 2⁻⁹ of itself for each unit of its score.
        #expect(greatest(exact) > 0 && greatest(exact) < 0.05)
    }
}
