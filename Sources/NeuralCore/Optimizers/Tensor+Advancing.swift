/// Writing kernels over a parameter, its gradient and its state, on the threads of the pool.
extension Tensor {
    typealias Elements = UnsafeMutablePointer<Float>

    /// Changes this parameter and one state tensor, range by range.
    mutating func advance(
        along gradient: Tensor, with state: inout Tensor,
        _ kernel: (Elements, Elements, UnsafePointer<Float>, Range<Int>) -> Void
    ) {
        withUnsafeMutableBuffer { parameter in
            state.withUnsafeMutableBuffer { state in
                gradient.withUnsafeBuffer { gradient in
                    guard let p = parameter.baseAddress, let m = state.baseAddress,
                        let g = gradient.baseAddress
                    else { return }
                    parallelElements(parameter.count) { kernel(p, m, g, $0) }
                }
            }
        }
    }

    /// Changes this parameter and two state tensors, range by range.
    mutating func advance(
        along gradient: Tensor, with first: inout Tensor, _ second: inout Tensor,
        _ kernel: (Elements, Elements, Elements, UnsafePointer<Float>, Range<Int>) -> Void
    ) {
        second.withUnsafeMutableBuffer { second in
            guard let v = second.baseAddress else { return }
            advance(along: gradient, with: &first) { p, m, g, range in kernel(p, m, v, g, range) }
        }
    }
}
