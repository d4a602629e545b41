internal import CKernels

extension StoredMatrix {
    /// The rows of the given numbers, `[numbers.count, inputs]`, as they are multiplied: the embeddings of tokens.
    ///
    /// - Precondition: Each number is that of a row.
    public func rows(at numbers: [Int32]) -> Tensor {
        let columns = shape[1]
        if let number = numbers.first(where: { $0 < 0 || Int($0) >= shape[0] }) {
            misuse("row \(number) of a stored matrix of shape \(shape)")
        }
        let result = Tensor(uninitialized: [numbers.count, columns])
        let (elements, scales) = pointers
        withExtendedLifetime((self, result)) {
            let out = result.storage.pointer
            parallelRows(numbers.count, channels: columns) { range in
                for row in range {
                    let target = out + row * columns
                    let (number, offset) = (Int(numbers[row]), Int(numbers[row]) * columns)
                    switch format {
                    case .float32:
                        let source = elements.assumingMemoryBound(to: Float.self) + offset
                        target.update(from: source, count: columns)
                    case .bfloat16:
                        let source = elements.assumingMemoryBound(to: UInt16.self) + offset
                        ck_float32_from_bfloat16(target, source, 0, columns)
                    case .int8:
                        let source = elements.assumingMemoryBound(to: Int8.self) + offset
                        ck_float32_from_int8(target, source, scales! + number, 0, 1, columns)
                    }
                }
            }
        }
        return result
    }
}
