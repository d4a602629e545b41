internal import Synchronization

/// A place where judgments are kept.
public protocol FeedbackLog: Sendable {
    /// Keeps a judgment; when this returns, nothing loses it. One whose key is known is kept once.
    func keep(_ judgment: Judgment) throws(FeedbackError)

    /// Takes a judgment back.
    ///
    /// - Parameters:
    ///   - key: The judgment's.
    ///   - time: Seconds since 1970.
    /// - Returns: Whether there was one.
    func takeBack(_ key: String, time: Double) throws(FeedbackError) -> Bool

    /// The judgments that were not taken back, in the order in which they came.
    func judgments() throws(FeedbackError) -> [Judgment]

    /// Those of them that compare two answers.
    func comparisons() throws(FeedbackError) -> Int
}

/// The reason why feedback cannot be read or kept.
public enum FeedbackError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such file.
    case missing(file: String)
    /// The file is not one of feedback.
    case malformed(file: String, reason: String)
    /// The file was written by a later version, whose changes are not known here.
    case newer(file: String)
    /// It cannot be read or written.
    case failed(file: String, reason: String)

    /// One line for people, starting with the file.
    public var description: String {
        switch self {
        case .missing(let file): "\(file): there is no such file"
        case .malformed(let file, let reason): "\(file): \(reason); expected a file of hone serve --feedback"
        case .newer(let file): "\(file): written by a later version of hone"
        case .failed(let file, let reason): "\(file): \(reason)"
        }
    }
}

/// Feedback that lasts as long as the process.
public final class MemoryFeedback: FeedbackLog {
    private let kept = Mutex<[Judgment]>([])

    /// Feedback without a judgment.
    public init() {}

    /// Keeps a judgment.
    public func keep(_ judgment: Judgment) {
        kept.withLock { kept in
            if !kept.contains(where: { $0.key == judgment.key }) { kept.append(judgment) }
        }
    }

    /// Takes a judgment back.
    public func takeBack(_ key: String, time: Double) -> Bool {
        kept.withLock { kept in
            let count = kept.count
            kept.removeAll { $0.key == key }
            return kept.count < count
        }
    }

    /// The judgments in the order in which they came.
    public func judgments() -> [Judgment] { kept.withLock { $0 } }

    /// Those of them that compare two answers.
    public func comparisons() -> Int { kept.withLock { $0.count(where: \.isComparison) } }
}
