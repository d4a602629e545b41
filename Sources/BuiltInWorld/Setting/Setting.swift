/// Everything a town can be made of. The seed draws from it; what it leaves over becomes the people and places that
/// nobody in town has heard of.
///
/// To describe another world, copy ``smallTown`` and change what you like:
///
///     var setting = Setting.smallTown
///     setting.towns = ["Port Royal"]
///     setting.jobs.append(Job("pirate", "sails at dawn", "counting gold", tool: "spyglass"))
///     let world = World(seed: 7, setting: setting)
public struct Setting: Sendable {
    /// The number of residents. Each has six facts to learn.
    public var residents = 48
    /// The number of shops, each of another kind.
    public var shops = 16
    /// The numbers of all else in town.
    public var streets = 14, dishes = 14, feasts = 10, customs = 10, buses = 4

    /// Possible names of the town.
    public var towns = Place.towns
    /// First names; the two lists share none.
    public var feminineNames = Names.feminine, masculineNames = Names.masculine
    /// The number of strangers, and of guests, in the training texts who get a coined name. A name that was never heard can
    /// only be told from a known one by whoever has met more unknown names than can be learned by heart.
    public var coinedNames = 1_500
    /// The numbers of coined shops and streets in the training texts, for the same reason.
    public var coinedShops = 400, coinedStreets = 60
    /// Family names and names of pets.
    public var familyNames = Names.family, petNames = Names.pet
    /// Streets and public places.
    public var streetNames = Place.streets, places = Place.all
    /// Jobs, hobbies and dishes.
    public var jobs = Job.all, hobbies = Hobby.all, dishNames = Dish.all
    /// Kinds of pets.
    public var pets = [
        "cat", "dog", "rabbit", "parrot", "tortoise", "goldfish", "canary", "pony", "hamster", "duck", "goat",
        "ferret",
    ]
    /// Kinds of shops, and the secrets of the dishes.
    public var shopKinds = ShopKind.all, secrets = Dish.secrets
    /// Feasts, customs and the colors of the buses.
    public var feastNames = Feast.all, customList = Custom.all, busColors = BusColor.all

    /// The small town by the lake that ships with Hone.
    public static let smallTown = Setting()
}
