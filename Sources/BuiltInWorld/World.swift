public import Foundation

/// A small fictional town, made from a seed, with everything needed to raise a language model in it: websites and code
/// to read, conversations to imitate, preferences to learn from, and evaluations on names and phrasings that appear in
/// none of them.
public struct World: Sendable {
    /// What the world was made from.
    public let seed: UInt64
    /// The fact table.
    public let town: Town
    /// Names that mean nothing in town.
    public let strangers: Strangers
    let random: WorldRandom

    /// Makes the world that belongs to `seed`.
    public init(seed: UInt64, setting: Setting = .smallTown) {
        self.seed = seed
        random = WorldRandom(seed: seed)
        let population = Population(setting, using: random)
        strangers = population.strangers
        town = Town(setting: setting, people: population.residents, drawn: population.drawn, using: random)
    }

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
