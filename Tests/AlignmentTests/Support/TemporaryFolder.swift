import Foundation

/// A folder that is there while `body` runs.
func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = URL.temporaryDirectory.appending(component: "hone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
