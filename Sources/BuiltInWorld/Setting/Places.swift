/// A place that belongs to everybody.
public struct Place: Sendable {
    /// With its article: "the old bridge", "Willow Park".
    public let name: String
    /// Its preposition: "on", "in", "by".
    public let preposition: String

    /// Names a place.
    public init(_ preposition: String, _ name: String) { (self.preposition, self.name) = (preposition, name) }

    /// "on the old bridge".
    var located: String { preposition + " " + name }

    static let all: [Place] = [
        Place("in", "Willow Park"), Place("by", "the duck pond"), Place("on", "the old bridge"),
        Place("in", "the market square"), Place("in front of", "the town hall"), Place("at", "the library"),
        Place("on", "the river path"), Place("at", "the harbour"), Place("in", "the orchard"),
        Place("at", "the railway station"), Place("by", "the bandstand"), Place("at", "the swimming pool"),
        Place("at", "the school"), Place("at", "the windmill"),
    ]

    static let streets = [
        "Mill Lane", "Chapel Street", "Orchard Row", "Harbour Road", "Station Road", "Lantern Street",
        "Bridge Street", "Bakehouse Lane", "Weaver Street", "Chestnut Avenue", "Elder Lane",
        "Fountain Street",
        "Quarry Hill", "Saddler Street", "Garden Row", "Castle Hill", "Juniper Lane", "Candle Street",
        "Meadow Road", "Lighthouse Road", "Tanner Row", "Abbey Street", "Barley Lane", "Heron Street",
        "Ivy Lane", "Kiln Road", "Linden Avenue", "Market Street", "North Street", "Poplar Row",
        "Ribbon Lane", "School Road", "Tower Street", "Valley Road", "Windmill Lane", "Copper Row",
    ]

    static let towns = [
        "Lindenmere", "Hazelford", "Brackenby", "Thistledown", "Oakhaven", "Marrowick", "Pebbleton",
        "Alderbrook", "Fernhollow", "Saltwick", "Larkbridge", "Merrowdale", "Ashcombe", "Willowmere",
    ]
}

/// Something that is allowed in one place and forbidden in another town.
public struct Custom: Sendable {
    /// As an activity: "cycling".
    public let activity: String
    /// As a verb: "cycle".
    public let verb: String
    /// With its preposition: "on the river path".
    public let place: String
    /// The reason to allow it.
    public let reasonFor: String
    /// The reason to forbid it.
    public let reasonAgainst: String

    static let all: [Custom] = [
        Custom(
            activity: "cycling", verb: "cycle", place: "on the river path",
            reasonFor: "the path is wide enough for everyone", reasonAgainst: "the path is narrow"),
        Custom(
            activity: "swimming", verb: "swim", place: "in the duck pond",
            reasonFor: "the water is clean and shallow", reasonAgainst: "it frightens the ducks"),
        Custom(
            activity: "fishing", verb: "fish", place: "from the old bridge",
            reasonFor: "the river is full of trout", reasonAgainst: "hooks get caught in the boats"),
        Custom(
            activity: "flying kites", verb: "fly kites", place: "in Willow Park",
            reasonFor: "the meadow is large", reasonAgainst: "the strings get caught in the willows"),
        Custom(
            activity: "playing music", verb: "play music", place: "in the market square",
            reasonFor: "everybody likes a tune", reasonAgainst: "people want to hear the bells"),
        Custom(
            activity: "feeding the ducks", verb: "feed the ducks", place: "by the duck pond",
            reasonFor: "the ducks are always hungry", reasonAgainst: "the ducks are fat enough"),
        Custom(
            activity: "picking apples", verb: "pick apples", place: "in the orchard",
            reasonFor: "the trees belong to the whole town", reasonAgainst: "the apples are for the school"),
        Custom(
            activity: "lighting fires", verb: "light fires", place: "at the harbour",
            reasonFor: "there is a stone hearth for it", reasonAgainst: "the boats are made of wood"),
        Custom(
            activity: "skating", verb: "skate", place: "in front of the town hall",
            reasonFor: "the ground is smooth", reasonAgainst: "the mayor needs quiet"),
        Custom(
            activity: "eating", verb: "eat", place: "in the library",
            reasonFor: "there is a table for it by the door", reasonAgainst: "crumbs attract mice"),
        Custom(
            activity: "climbing trees", verb: "climb trees", place: "at the windmill",
            reasonFor: "the old oaks are strong", reasonAgainst: "the branches are brittle"),
        Custom(
            activity: "singing", verb: "sing", place: "at the railway station",
            reasonFor: "it makes the waiting shorter", reasonAgainst: "nobody would hear the announcements"),
    ]
}

/// A feast that comes every year.
public enum Feast {
    static let all = [
        "Lantern Night", "the Apple Fair", "the Kite Festival", "the Winter Market", "the Boat Race",
        "the Book Swap", "the Harvest Supper", "the Snail Race", "the Night of Songs", "the Soup Contest",
        "the Flower Parade", "the Chess Sunday", "the Long Breakfast", "the Puppet Week",
        "the Pumpkin Weighing",
        "the Bell Concert",
    ]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
}

/// A bus line, known by its color.
public enum BusColor {
    static let all = ["red", "green", "blue", "yellow", "white", "orange"]
}
