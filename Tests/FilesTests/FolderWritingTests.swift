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

    @Test func aFileWhereAFolderHasToBeIsNamed() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(component: "file")
            try Data().write(to: file)
            for (end, found, name) in [("", "", "it"), ("/", "", "it"), ("/a/b", "/a/b", file.path)] {
                let error = FileError.unwritable(
                    file: file.path + found, reason: "\(name) is a file, expected a folder")
                #expect(throws: error) { try checkFolder(URL(filePath: file.path + end)) }
            }
            #expect(throws: FileError.self) { try makeFolder(file.appending(components: "a", "b")) }
            try checkFolder(folder)
            try checkFolder(folder.appending(components: "a", "b"))
            #expect(try fileNames(in: folder) == ["file"])
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
