import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicWritingTests {
    @Test func newContentsReplaceTheOld() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "state.json")
            try writeAtomically(Data("first, and longer".utf8), to: url)
            try writeAtomically(Data("second".utf8), to: url)
            #expect(try String(contentsOf: url, encoding: .utf8) == "second")
            #expect(try fileNames(in: folder) == ["state.json"])
        }
    }

    @Test func piecesFollowOneAnother() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "pieces")
            try writeAtomically(to: url) { writer throws(FileError) in
                for piece in ["one ", "", "two"] { try writer.write(Data(piece.utf8)) }
            }
            #expect(try String(contentsOf: url, encoding: .utf8) == "one two")
        }
    }

    @Test func failureLeavesTheOldContents() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model")
            try writeAtomically(Data("good".utf8), to: url)
            let failure = FileError.unwritable(file: "model", reason: "the disk is full")
            #expect(throws: failure) {
                try writeAtomically(to: url) { writer throws(FileError) in
                    try writer.write(Data("half of the new".utf8))
                    throw failure
                }
            }
            #expect(try String(contentsOf: url, encoding: .utf8) == "good")
            #expect(try fileNames(in: folder) == ["model"])
        }
    }

    @Test func oldContentsStandUntilTheLastByte() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model")
            try writeAtomically(Data("good".utf8), to: url)
            try writeAtomically(to: url) { writer throws(FileError) in
                try writer.write(Data("all of the new".utf8))
                #expect((try? String(contentsOf: url, encoding: .utf8)) == "good")
            }
            #expect(try String(contentsOf: url, encoding: .utf8) == "all of the new")
        }
    }

    @Test func leftoverOfAKilledWriterIsReplaced() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model")
            try Data("a long leftover".utf8).write(to: folder.appending(component: ".model.partial"))
            try writeAtomically(Data("new".utf8), to: url)
            #expect(try String(contentsOf: url, encoding: .utf8) == "new")
            #expect(try fileNames(in: folder) == ["model"])
        }
    }

    @Test func secondWriterIsRefused() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model")
            try writeAtomically(to: url) { writer throws(FileError) in
                try writer.write(Data("first".utf8))
                #expect(throws: FileError.self) { try writeAtomically(Data("second".utf8), to: url) }
            }
            #expect(try String(contentsOf: url, encoding: .utf8) == "first")
        }
    }

    @Test func symbolicLinkIsFollowedAndPermissionsAreKept() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(component: "real")
            let link = folder.appending(component: "link")
            try Data("old".utf8).write(to: file)
            let path = file.path(percentEncoded: false)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)

            try writeAtomically(Data("new".utf8), to: link)
            #expect(try String(contentsOf: file, encoding: .utf8) == "new")
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: link.path(percentEncoded: false))
                    == path)
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        try withTemporaryFolder { folder in
            #expect(throws: FileError.self) { try writeAtomically(Data(), to: folder) }
            #expect(throws: FileError.self) { try writeAtomically(Data(), to: URL(filePath: "/dev/null")) }
            let absent = folder.appending(components: "absent", "file")
            #expect {
                try writeAtomically(Data(), to: absent)
            } throws: { error in
                String(describing: error).hasSuffix(
                    "absent/file: cannot be written: No such file or directory")
            }
        }
    }
}
