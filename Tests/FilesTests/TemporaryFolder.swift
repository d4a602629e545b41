import Foundation

/// A folder that is there while `body` runs.
func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

/// The names of the files in a folder.
func fileNames(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
}
