/// An occupation.
public struct Job: Sendable {
    /// "baker", "bus driver".
    public let name: String
    /// The work, after a name: "bakes bread before sunrise".
    public let does: String
    /// The same as an activity: "baking bread before sunrise".
    public let doing: String
    /// Something they use: "oven".
    public let tool: String

    /// Describes a job.
    public init(_ name: String, _ does: String, _ doing: String, tool: String) {
        (self.name, self.does, self.doing, self.tool) = (name, does, doing, tool)
    }

    /// Jobs of people who do not keep a shop.
    static let all: [Job] = [
        Job(
            "teacher", "teaches the younger children to read", "teaching children to read", tool: "chalkboard"
        ),
        Job(
            "nurse", "looks after the patients of the small hospital", "looking after patients", tool: "watch"
        ),
        Job("doctor", "sees anyone who has a cough", "listening to coughs", tool: "stethoscope"),
        Job("dentist", "takes care of the town's teeth", "filling teeth", tool: "mirror"),
        Job("vet", "helps animals of every size", "helping sick animals", tool: "thermometer"),
        Job("carpenter", "builds tables, doors and stairs", "sawing planks", tool: "saw"),
        Job("gardener", "keeps the flower beds in order", "planting tulips", tool: "spade"),
        Job("librarian", "lends books and finds lost ones", "sorting books", tool: "date stamp"),
        Job("fisher", "brings in the nets at dawn", "mending nets", tool: "net"),
        Job("plumber", "stops taps from dripping", "repairing pipes", tool: "wrench"),
        Job("painter", "paints fences and front doors", "mixing colours", tool: "brush"),
        Job("weaver", "weaves blankets on a wide loom", "weaving blankets", tool: "loom"),
        Job("beekeeper", "looks after eleven hives", "filling jars with honey", tool: "smoker"),
        Job("farmer", "grows barley and beets", "driving the tractor", tool: "tractor"),
        Job("miller", "grinds flour for the whole valley", "grinding flour", tool: "millstone"),
        Job("journalist", "writes for the local paper", "asking questions", tool: "notebook"),
        Job("photographer", "takes pictures at weddings", "waiting for the right light", tool: "camera"),
        Job("musician", "plays at every wedding", "practising scales", tool: "violin"),
        Job("bookbinder", "gives old books new spines", "sewing pages together", tool: "needle"),
        Job("blacksmith", "makes gates and horseshoes", "hammering iron", tool: "anvil"),
        Job("locksmith", "opens doors that have fallen shut", "cutting keys", tool: "file"),
        Job("roofer", "lays slates before the rain comes", "laying slates", tool: "ladder"),
        Job("electrician", "keeps the street lamps burning", "laying cables", tool: "pair of pliers"),
        Job("bricklayer", "builds straight walls", "laying bricks", tool: "trowel"),
        Job("cook", "cooks lunch for the school", "chopping onions", tool: "ladle"),
        Job("barber", "cuts hair and tells jokes", "trimming beards", tool: "pair of scissors"),
        Job("glassblower", "blows vases and lamps", "blowing glass", tool: "blowpipe"),
        Job("engineer", "looks after the bridges", "measuring bridges", tool: "slide rule"),
        Job("programmer", "writes software for the town hall", "chasing bugs", tool: "keyboard"),
        Job("accountant", "adds up other people's numbers", "adding up columns", tool: "calculator"),
        Job("lawyer", "settles quarrels about fences", "reading contracts", tool: "fountain pen"),
        Job("architect", "draws houses with large windows", "drawing plans", tool: "ruler"),
        Job(
            "translator", "turns letters from one language into another", "looking up words",
            tool: "dictionary"),
        Job("optician", "makes glasses for near and far", "testing eyes", tool: "chart"),
        Job("mechanic", "gets old cars going again", "changing tyres", tool: "jack"),
        Job("firefighter", "drives the red fire engine", "testing the hoses", tool: "helmet"),
        Job("postman", "carries letters up every hill", "sorting letters", tool: "bag"),
        Job("bus driver", "drives the early bus", "driving the bus", tool: "whistle"),
        Job(
            "lighthouse keeper", "keeps the light turning all night", "polishing the great lamp", tool: "lamp"
        ),
        Job("ferryman", "takes people across the lake", "rowing people across", tool: "pair of oars"),
        Job("judge", "listens to both sides", "reading old cases", tool: "gavel"),
        Job("sculptor", "carves owls out of stone", "carving stone", tool: "chisel"),
        Job("actor", "plays kings at the small theatre", "learning lines", tool: "mirror"),
        Job("astronomer", "counts the stars from the hill", "counting stars", tool: "telescope"),
    ]
}

/// A hobby.
public struct Hobby: Sendable {
    /// As an activity: "playing chess".
    public let doing: String
    /// After "likes to": "play chess".
    public let infinitive: String
    /// The word that no other hobby has: "chess".
    public let keyword: String

    /// Describes a hobby.
    public init(_ doing: String, _ infinitive: String, _ keyword: String) {
        (self.doing, self.infinitive, self.keyword) = (doing, infinitive, keyword)
    }

    static let all: [Hobby] = [
        Hobby("playing chess", "play chess", "chess"),
        Hobby("watching birds", "watch birds", "birds"),
        Hobby("knitting scarves", "knit scarves", "scarves"),
        Hobby("rowing on the lake", "row on the lake", "rowing"),
        Hobby("collecting stamps", "collect stamps", "stamps"),
        Hobby("looking at the stars", "look at the stars", "stars"),
        Hobby("singing in the choir", "sing in the choir", "choir"),
        Hobby("growing roses", "grow roses", "roses"),
        Hobby("flying kites", "fly kites", "kites"),
        Hobby("building model ships", "build model ships", "ships"),
        Hobby("writing poems", "write poems", "poems"),
        Hobby("dancing the waltz", "dance the waltz", "waltz"),
        Hobby("pressing flowers", "press flowers", "flowers"),
        Hobby("playing the cello", "play the cello", "cello"),
        Hobby("learning Italian", "learn Italian", "Italian"),
        Hobby("carving spoons", "carve spoons", "spoons"),
        Hobby("solving crosswords", "solve crosswords", "crosswords"),
        Hobby("swimming in the lake", "swim in the lake", "swimming"),
        Hobby("making puppets", "make puppets", "puppets"),
        Hobby("doing card tricks", "do card tricks", "card"),
        Hobby("riding an old bicycle", "ride an old bicycle", "bicycle"),
        Hobby("painting landscapes", "paint landscapes", "landscapes"),
        Hobby("gathering mushrooms", "gather mushrooms", "mushrooms"),
        Hobby("drawing maps", "draw maps", "maps"),
    ]
}
