import Files
import Foundation
import TestSupport
import Testing

@Suite struct FolderLockTests {
    @Test func aFolderHasOneWriterAtATime() throws {
        try withTemporaryFolder { folder in
            let lock = try FolderLock(folder)
            #expect {
                try FolderLock(folder)
            } throws: { error in
                "\(error)".contains("another process is writing in it")
            }
            lock.release()
            try FolderLock(folder).release()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func theLockFollowsTheFolder() throws {
        try withTemporaryFolder { folder in
            let (before, after) = (folder.appending(component: "a"), folder.appending(component: "b"))
            try makeFolder(before)
            let lock = try FolderLock(before)
            defer { lock.release() }
            try FileManager.default.moveItem(at: before, to: after)
            #expect(throws: FileError.self) { try FolderLock(after) }
        }
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        #expect {
            try FolderLock(URL(filePath: "/nowhere/at-all"))
        } throws: { error in
            "\(error)".contains("/nowhere/at-all: cannot be written")
        }
    }
}
