import Dispatch
import Foundation
import Synchronization

/// Notices that the user, or the system, wants the command to stop.
///
/// The first SIGINT or SIGTERM is a wish, granted at the next good place; a second one ends the process at once, as
/// those signals do where nobody listens.
final class Interruption {
    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    private let flag = Flag()
    private let sources: [any DispatchSourceSignal]

    /// Begins to listen.
    init() {
        let flag = flag
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if flag.value.exchange(true, ordering: .relaxed) {
                    signal(number, SIG_DFL)
                    kill(getpid(), number)
                }
            }
            source.resume()
            return source
        }
    }

    /// Whether a signal came.
    var isRequested: Bool { flag.value.load(ordering: .relaxed) }
}
