import BuiltInWorld
import Testing

@Suite struct WorldRandomTests {
    @Test func streamsDependOnSeedAndNameOnly() {
        let source = WorldRandom(seed: 42)
        var early = source.stream("pages")
        var read = source
        for _ in 0..<10 { _ = read.next() }
        var late = read.stream("pages")
        #expect((0..<5).map { _ in early.next() } == (0..<5).map { _ in late.next() })
        var other = source.stream("people")
        #expect(early.next() != other.next())
    }

    @Test func drawsAreTheSameOnEveryPlatform() {
        var random = WorldRandom(seed: 7)
        #expect((0..<6).map { _ in random.index(below: 100) } == [72, 64, 54, 60, 34, 18])
    }

    @Test func shufflingKeepsEveryElement() {
        var random = WorldRandom(seed: 5)
        let shuffled = random.shuffled(Array(0..<50))
        #expect(shuffled.sorted() == Array(0..<50))
        #expect(shuffled != Array(0..<50))
    }

    @Test func weightsAreShares() {
        var random = WorldRandom(seed: 6)
        let draws = (0..<4000).map { _ in random.pick(weighted: [("often", 3), ("rarely", 1)]) }
        let often = draws.filter { $0 == "often" }.count
        #expect((2900...3100).contains(often))
    }
}
