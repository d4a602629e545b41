/// A place that belongs to everybody.
public struct Place: Sendable {
    /// With its article: "the old bridge", "Willow Park".
    public let name: String
    /// How one is there: "on", "in", "by".
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
