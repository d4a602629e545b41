import Foundation
import Synchronization

/// Notices that the user, or the system, wants the command to stop.
///
/// The first SIGINT or SIGTERM is a wish, granted at the next good place of what ``heeding(_:)`` runs; a second one ends
/// the process at once. Elsewhere there is nothing to save, and the first one does. The exit code is 128 and the
/// signal's number either way.
struct Interruption {
    private static let signalNumber = Atomic<Int32>(0)
    private static let heeders = Atomic(0)

    /// Begins to listen.
    init() {
        // Made here, so that the handler finds them made.
        _ = (Self.signalNumber.load(ordering: .relaxed), Self.heeders.load(ordering: .relaxed))
        for number in [SIGINT, SIGTERM] {
            // A handler may only load, store, and call `_exit`.
            signal(number) { number in
                let isFirst =
                    Interruption.signalNumber.exchange(number, ordering: .relaxed) == 0
                    && Interruption.heeders.load(ordering: .relaxed) > 0
                if !isFirst { _exit(128 + number) }
            }
        }
    }

    /// Runs work that looks at ``isRequested`` now and then.
    func heeding<Result>(_ work: () throws -> Result) rethrows -> Result {
        Self.heeders.add(1, ordering: .relaxed)
        defer { Self.heeders.subtract(1, ordering: .relaxed) }
        return try work()
    }

    /// Whether a signal was received.
    var isRequested: Bool { Self.signalNumber.load(ordering: .relaxed) != 0 }

    /// The exit code of an interrupted command: 143 after SIGTERM, 130 otherwise.
    static var outcome: Outcome {
        signalNumber.load(ordering: .relaxed) == SIGTERM ? .terminated : .interrupted
    }
}
