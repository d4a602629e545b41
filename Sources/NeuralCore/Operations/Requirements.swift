/// Stops the program unless two tensors have one shape.
func requireEqualShapes(_ a: Tensor, _ b: Tensor, _ operation: StaticString = #function) {
    guard a.shape == b.shape else {
        misuse("\(operation) takes two tensors of one shape, not \(a.shape) and \(b.shape)")
    }
}

/// Stops the program unless `parameter` has one element for each channel of `x`.
func requireOnePerChannel(
    _ parameter: Tensor, of x: Tensor, _ name: StaticString, _ operation: StaticString = #function
) {
    guard parameter.shape == [x.channels] else {
        misuse(
            "\(operation) of a tensor of shape \(x.shape) takes a \(name) of shape [\(x.channels)], "
                + "not \(parameter.shape)")
    }
}
