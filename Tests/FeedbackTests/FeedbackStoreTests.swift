#if Server
import Feedback
import Foundation
import TestSupport
import Testing

@Suite struct FeedbackStoreTests {
    private static func path(_ folder: URL) -> String {
        folder.appending(component: "choices.sqlite").path(percentEncoded: false)
    }

    @Test func judgmentsAreThereAgain() throws {
        try withTemporaryFolder { folder in
            let judgments = [
                Judgment.example("1", ["x", "y"], .first, edit: "z"), .example("2", ["\u{0} ' é 🦔"], .bad),
            ]
            let store = try FeedbackStore(Self.path(folder))
            for judgment in judgments { try store.keep(judgment) }
            try store.keep(judgments[0])
            #expect(try store.comparisons() == 1)
            #expect(try FeedbackStore(Self.path(folder), mustExist: true).judgments() == judgments)
            #expect(try store.takeBack("1", time: 2))
            #expect(try !store.takeBack("1", time: 3))
            #expect(try store.judgments() == [judgments[1]])
            #expect(try store.comparisons() == 0)
        }
    }

    /// In SQLite 2 is FULL: the log is synchronized before a transaction is over.
    @Test func everyTransactionIsWrittenThrough() throws {
        try withTemporaryFolder { folder in
            let store = try FeedbackStore(Self.path(folder))
            #expect(try store.pragma("synchronous") == "2")
            #expect(try store.pragma("journal_mode") == "wal")
        }
    }

    @Test func otherFilesAreRefusedAndLeftAlone() throws {
        try withTemporaryFolder { folder in
            let path = Self.path(folder)
            #expect(throws: FeedbackError.missing(file: path)) {
                try FeedbackStore(path, mustExist: true)
            }
            try Data("no database, but some words".utf8).write(to: URL(filePath: path))
            #expect(throws: FeedbackError.self) { try FeedbackStore(path) }
            #expect(try Data(contentsOf: URL(filePath: path)).count == 27)
        }
    }
}
#endif
