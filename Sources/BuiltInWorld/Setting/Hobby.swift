/// What someone likes to do.
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
