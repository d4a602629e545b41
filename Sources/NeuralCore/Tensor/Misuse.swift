/// Stops the program because a caller broke a documented precondition.
///
/// A `precondition` is silent in release builds; a shape error must say both shapes there too.
@inline(never)
package func misuse(_ message: @autoclosure () -> String) -> Never {
    fatalError(message())
}
