import Foundation

/// The file of that name in Fixtures, beside the script that made it.
func fixtureURL(_ name: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
        components: "Fixtures", name)
}

/// What that file holds.
func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: fixtureURL(name))
}
