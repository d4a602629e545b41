import Foundation
import Synchronization

/// Notices that the user, or the system, wants the command to stop.
///
/// The first SIGINT or SIGTERM is a wish, granted at the next good place; a second one ends the process at once, as
/// those signals do where nobody listens.
struct Interruption {
    private static let wish = Atomic(false)

    /// Begins to listen.
    init() {
        // Made here, so that the handler finds it made.
        _ = Self.wish.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            // What a handler may do: a store and a call of `signal`.
            signal(number) { number in
                Interruption.wish.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }

    /// Whether a signal came.
    var isRequested: Bool { Self.wish.load(ordering: .relaxed) }
}
