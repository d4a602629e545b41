/// Deals its cards in random order, every one of them before any comes again.
///
/// What a town tells about its people should be told about all of them equally often.
struct Deck<Card: Sendable>: Sendable {
    private let cards: [Card]
    private var rest: [Card] = []
    private var random: WorldRandom

    init(_ cards: [Card], using random: WorldRandom) {
        self.cards = cards
        self.random = random
    }

    mutating func deal() -> Card {
        if rest.isEmpty { rest = random.shuffled(cards) }
        return rest.removeLast()
    }

    mutating func deal(_ count: Int) -> [Card] { (0..<count).map { _ in deal() } }
}
