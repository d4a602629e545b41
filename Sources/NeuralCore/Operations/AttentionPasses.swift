internal import CKernels

// How the two passes are cut into tasks. The cut depends on the forest and the heads only, so bits do not depend on the
// number of threads.
extension AttentionOperands {
    /// The result, in the shape of `query`; fills `logSums`, `[rows, heads]`, when there is one.
    func output(logSums: Tensor?) -> Tensor {
        let output = Tensor(uninitialized: query.shape)
        let rowsPerTask = max(1, Int(CK_ATTENTION_FORWARD_LANES) / headsPerGroup)
        // Later rows see more keys, so the last rows of each tree begin first.
        let tasks = groves(of: rowsPerTask).flatMap { grove in
            stride(from: grove.rows.lowerBound, to: grove.rows.upperBound, by: rowsPerTask).map { begin in
                (grove: grove, rows: begin..<min(begin + rowsPerTask, grove.rows.upperBound))
            }.reversed()
        }
        withProblem { problem in
            withExtendedLifetime((output, logSums)) {
                parallelFor(tasks: tasks.count * keyValueHeads) { index in
                    let (grove, rows) = tasks[index / keyValueHeads]
                    var attention = problem(grove)
                    ck_attention_forward(
                        output.storage.pointer, logSums?.storage.pointer, query.storage.pointer, &attention,
                        index % keyValueHeads, rows.lowerBound, rows.upperBound,
                        ck_scratch(ck_attention_forward_workspace(&attention)))
                }
            }
        }
        return output
    }

    /// The gradients with respect to query, key and value.
    ///
    /// A grove and a key-value head are one unit of work. Where units are few, each is cut into parts that sum the
    /// gradients of keys and values for themselves, and these sums are added up in order.
    func gradients(
        _ cotangent: Tensor, output: Tensor, logSums: Tensor
    ) -> (query: Tensor, key: Tensor, value: Tensor) {
        let dq = Tensor(uninitialized: query.shape)
        let dk = Tensor(uninitialized: key.shape), dv = Tensor(uninitialized: value.shape)
        let lanes = Int(CK_ATTENTION_BACKWARD_LANES)
        let groves = groves(of: max(1, lanes / headsPerGroup))
        let units = groves.count * keyValueHeads
        let mostRows = groves.map(\.rows.count).max() ?? 0
        let parts = max(1, min(partsWanted / max(1, units), mostRows * headsPerGroup / (2 * lanes)))
        withProblem { problem in
            guard units > 0 else { return }
            var largest = problem(groves[0])
            let floatsPerUnit = parts * ck_attention_partial_sum(&largest, mostRows)
            let sums = parts == 1 ? nil : Workspace(byteCount: 4 * units * floatsPerUnit)
            let firstSum = sums?.pointer.assumingMemoryBound(to: Float.self)

            withExtendedLifetime((cotangent, output, logSums, dq, dk, dv, sums)) {
                parallelFor(tasks: units * parts) { task in
                    let (unit, part) = (task / parts, task % parts)
                    let (grove, head) = (groves[unit / keyValueHeads], unit % keyValueHeads)
                    var attention = problem(grove)
                    let floats = ck_attention_partial_sum(&attention, grove.rows.count)
                    let bytes = ck_attention_backward_workspace(&attention, grove.rows.count)
                    let scratch = ck_scratch(bytes + (parts == 1 ? 4 * floats : 0))!
                    let sum =
                        firstSum.map { $0 + unit * floatsPerUnit + part * floats }
                        ?? (scratch + bytes).assumingMemoryBound(to: Float.self)
                    ck_attention_backward(
                        dq.storage.pointer, sum, cotangent.storage.pointer, query.storage.pointer,
                        output.storage.pointer, logSums.storage.pointer, &attention, head,
                        grove.rows.lowerBound, grove.rows.upperBound, part, parts, scratch)
                    guard parts == 1 else { return }
                    ck_attention_backward_keys(
                        dk.storage.pointer, dv.storage.pointer, sum, &attention, head, grove.rows.lowerBound,
                        grove.rows.upperBound, 1)
                }
                guard let firstSum else { return }
                parallelFor(tasks: units) { unit in
                    let (grove, head) = (groves[unit / keyValueHeads], unit % keyValueHeads)
                    var attention = problem(grove)
                    ck_attention_backward_keys(
                        dk.storage.pointer, dv.storage.pointer, firstSum + unit * floatsPerUnit, &attention,
                        head, grove.rows.lowerBound, grove.rows.upperBound, parts)
                }
            }
        }
        return (dq, dk, dv)
    }
}

/// Where a forest has fewer units of work than this, they are cut: enough for the processors of a small server.
private let partsWanted = 16
