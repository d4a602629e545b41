import Files

/// A folder to be written is there already, whatever it holds.
struct FolderExists: CommandError, CustomStringConvertible {
    let folder: String

    /// Throws itself where there is something.
    static func check(_ folder: String) throws {
        guard FileStatus(folder) == .missing else { throw FolderExists(folder: folder) }
    }

    var outcome: Outcome { .usage }
    var description: String { "\(folder): is there already; choose another --output" }
}
