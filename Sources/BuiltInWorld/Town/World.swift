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
}
