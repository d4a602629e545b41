import BuiltInWorld
import Testing

@Suite struct TownTests {
    @Test func theSameSeedMakesTheSameTown() {
        let (one, two, other) = (World(seed: 11), World(seed: 11), World(seed: 12))
        #expect(one.town.facts.map(\.value) == two.town.facts.map(\.value))
        #expect(one.town.residents == two.town.residents)
        #expect(one.town.residents != other.town.residents)
    }

    @Test(arguments: 1...5) func everybodyHasAFirstNameOfTheirOwn(seed: UInt64) {
        let world = World(seed: seed)
        let strangers = world.strangers
        let residents = world.town.residents.map(\.firstName)
        let pools = [
            strangers.people.training, strangers.people.heldOut, strangers.guests.training,
            strangers.guests.heldOut,
        ]
        let all = residents + pools.flatMap { $0.map(\.firstName) }
        #expect(residents.count == Setting.smallTown.residents)
        #expect(Set(all).count == all.count)
        #expect(strangers.people.training.count > 150)
        #expect(strangers.people.heldOut.count > 60)
        #expect(strangers.guests.heldOut.count > 30)
    }

    @Test(arguments: 1...5) func placesOfTheTownAreNoStrangers(seed: UInt64) {
        let world = World(seed: seed)
        let shops = Set(world.town.shops.map(\.name))
        let streets = Set(world.town.streets)
        for pool in Pool.allCases {
            #expect(shops.isDisjoint(with: world.strangers.shops[pool]))
            #expect(streets.isDisjoint(with: world.strangers.streets[pool]))
        }
        #expect(world.strangers.shops.training.count > 400)
        #expect(world.strangers.streets.training.count > 60)
        #expect(Set(world.strangers.shops.training).isDisjoint(with: world.strangers.shops.heldOut))
        #expect(Set(world.strangers.streets.training).isDisjoint(with: world.strangers.streets.heldOut))
    }

    @Test func everySubjectHasOneValuePerRelation() {
        let facts = World(seed: 3).town.facts
        let keys = facts.map { "\($0.relation): \($0.subject)" }
        #expect(Set(keys).count == keys.count)
        #expect(facts.count == 48 * 6 + 16 * 5 + 14 * 2 + 4 * 2 + 10 * 2 + 10)
        #expect(facts.allSatisfy { $0.isStated(in: "It is \($0.value).") })
    }

    @Test func aWorldCanBeDescribedAnew() {
        var setting = Setting.smallTown
        setting.towns = ["Port Nowhere"]
        setting.residents = 30
        setting.jobs = [Job("pirate", "sails at dawn", "counting gold", tool: "spyglass")]
        let world = World(seed: 1, setting: setting)
        #expect(world.town.name == "Port Nowhere")
        #expect(world.town.residents.count == 30)
        // With few names to coin others from there are fewer strangers, and no end of looking for more.
        setting.feminineNames = Array(setting.feminineNames.prefix(20))
        setting.masculineNames = Array(setting.masculineNames.prefix(20))
        let strangers = World(seed: 1, setting: setting).strangers.people.training
        #expect(strangers.count < setting.coinedNames)
        #expect(world.town.residents.filter { $0.job == "pirate" }.count == 30 - world.town.shops.count)
        #expect(world.demonstrations(20).count == 20)
    }
}
