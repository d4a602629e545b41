import Files
import Foundation
import TestSupport
import Testing

@Suite struct FolderWritingTests {
    private func fill(_ url: URL, with text: String) throws {
        try writeFolderAtomically(to: url) {
            try Data(text.utf8).write(to: $0.appending(component: "file"))
        }
    }

    private func text(in url: URL) throws -> String {
        try String(contentsOf: url.appending(component: "file"), encoding: .utf8)
    }

    @Test func aFolderIsReplacedAsAWholeAndNothingStaysBeside() throws {
        try withTemporaryFolder { folder in
            let best = folder.appending(component: "best")
            for text in ["first", "second"] {
                try fill(best, with: text)
                #expect(try self.text(in: best) == text)
            }
            #expect(try fileNames(in: folder) == ["best"])
        }
    }

    @Test func whereFillingFailsTheEarlierFolderStays() throws {
        struct Failure: Error {}
        try withTemporaryFolder { folder in
            let best = folder.appending(component: "best")
            try fill(best, with: "first")
            #expect(throws: Failure.self) {
                try writeFolderAtomically(to: best) { _ in throw Failure() }
            }
            #expect(try text(in: best) == "first")
            #expect(try fileNames(in: folder) == ["best"])
        }
    }

    @Test func whatAKilledProcessLeftIsCompleted() throws {
        try withTemporaryFolder { folder in
            let best = folder.appending(component: "best")
            func names(_ name: String, _ text: String) throws {
                let part = folder.appending(component: name)
                try makeFolder(part)
                try Data(text.utf8).write(to: part.appending(component: "file"))
            }
            // Killed between the two renamings: the new folder is whole.
            try names(".best.earlier", "first")
            try names(".best.partial", "second")
            try completeFolder(best)
            #expect(try text(in: best) == "second")
            #expect(try fileNames(in: folder) == ["best"])
            // Killed after both.
            try names(".best.earlier", "first")
            try completeFolder(best)
            #expect(try text(in: best) == "second")
            #expect(try fileNames(in: folder) == ["best"])
            // Killed while the new one was filled.
            try names(".best.partial", "half")
            try completeFolder(best)
            #expect(try text(in: best) == "second")
            try fill(best, with: "third")
            #expect(try text(in: best) == "third")
            #expect(try fileNames(in: folder) == ["best"])
        }
    }
}
