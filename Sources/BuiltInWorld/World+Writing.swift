public import Foundation

extension World {
    /// Writes the town's websites as a new `folder`, with about `characters` of readable text in them.
    @discardableResult
    public func writeWebsite(to folder: URL, characters: Int) throws(WorldError) -> Written {
        try Disk.fill(folder) { partial throws(WorldError) in
            var writer = WebsiteWriter(town, into: partial, using: random.stream("website"))
            return try writer.write(characters: characters)
        }
    }

    /// Writes code repositories as a new `folder`, with about `characters` of text worth reading in them.
    @discardableResult
    public func writeRepositories(to folder: URL, characters: Int) throws(WorldError) -> Written {
        try Disk.fill(folder) { partial throws(WorldError) in
            var writer = RepositoryWriter(town, into: partial, using: random.stream("repositories"))
            return try writer.write(characters: characters)
        }
    }
}
