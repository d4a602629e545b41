/// A kind of shop, with what it may be called and what it sells.
public struct ShopKind: Sendable {
    /// "bakery".
    public let name: String
    /// The owner's job: "baker".
    public let owner: Job
    /// Possible names, said with "the"; the town uses at most one of them.
    public let names: [String]
    /// Its wares, in the plural or as a mass ("rye bread", "seed rolls"). Each seed makes one of them the specialty.
    public let wares: [String]
    /// Its smell or sound.
    public let air: String

    static let all: [ShopKind] = [
        ShopKind(
            name: "bakery",
            owner: Job("baker", "bakes bread before sunrise", "baking bread", tool: "oven"),
            names: ["Golden Crust", "Warm Loaf", "Crooked Oven", "Seven Seeds"],
            wares: ["rye bread", "seed rolls", "plum buns", "almond twists", "oat cakes", "poppy rolls"],
            air: "the smell of fresh bread"),
        ShopKind(
            name: "tea house",
            owner: Job("tea merchant", "pours tea from four continents", "tasting tea", tool: "kettle"),
            names: ["Copper Kettle", "Quiet Cup", "Steaming Spoon", "Paper Lantern"],
            wares: ["mint tea", "smoked tea", "rose tea", "barley tea", "tea cakes", "porcelain cups"],
            air: "steam and quiet talk"),
        ShopKind(
            name: "bookshop",
            owner: Job("bookseller", "reads every book before selling it", "dusting shelves", tool: "ladder"),
            names: ["Last Page", "Paper Boat", "Turning Leaf", "Second Chapter"],
            wares: ["detective novels", "atlases", "poetry", "travel books", "comics", "old postcards"],
            air: "the smell of paper"),
        ShopKind(
            name: "flower shop",
            owner: Job("florist", "ties flowers into bouquets", "tying bouquets", tool: "pair of shears"),
            names: ["Green Window", "Bluebell", "Wild Meadow", "Morning Petal"],
            wares: ["tulips", "sunflowers", "dried lavender", "orchids", "ferns", "wreaths"],
            air: "the scent of lavender"),
        ShopKind(
            name: "cheese shop",
            owner: Job(
                "cheesemaker", "makes cheese in a cool cellar", "turning wheels of cheese", tool: "wire"),
            names: ["White Goat", "Round Wheel", "Blue Cellar", "Happy Cow"],
            wares: ["goat cheese", "blue cheese", "smoked cheese", "herb butter", "yoghurt", "cream cheese"],
            air: "cool air and a strong smell"),
        ShopKind(
            name: "fish shop",
            owner: Job("fishmonger", "sells what the boats bring in", "cleaning fish", tool: "knife"),
            names: ["Silver Anchor", "Salty Net", "Leaping Trout", "Grey Heron"],
            wares: ["trout", "herring", "smoked eel", "crab salad", "mussels", "pike"],
            air: "crushed ice and lake water"),
        ShopKind(
            name: "hardware shop",
            owner: Job(
                "ironmonger", "knows the size of every screw", "counting screws", tool: "tape measure"),
            names: ["Bent Nail", "Iron Hinge", "Handy Hammer", "Brass Bolt"],
            wares: ["hammers", "door hinges", "lamp oil", "paint", "rope", "garden hoses"],
            air: "a smell of oil and wood"),
        ShopKind(
            name: "toy shop",
            owner: Job("toymaker", "makes wooden animals", "carving wooden animals", tool: "small knife"),
            names: ["Spinning Top", "Tin Soldier", "Wooden Horse", "Dancing Bear"],
            wares: ["wooden trains", "puzzles", "rag dolls", "marbles", "yo-yos", "board games"],
            air: "the rattle of a small train"),
        ShopKind(
            name: "bicycle shop",
            owner: Job("bicycle maker", "straightens bent wheels", "straightening wheels", tool: "spanner"),
            names: ["Spare Spoke", "Two Wheels", "Free Pedal", "Ringing Bell"],
            wares: ["bicycles", "tandems", "bicycle bells", "saddles", "pumps", "baskets"],
            air: "the ticking of wheels"),
        ShopKind(
            name: "music shop",
            owner: Job("violin maker", "builds violins out of maple", "tuning violins", tool: "tuning fork"),
            names: ["Open String", "High Note", "Singing Saw", "Merry Drum"],
            wares: ["violins", "guitars", "flutes", "drums", "sheet music", "harmonicas"],
            air: "the sound of someone trying out a flute"),
        ShopKind(
            name: "sweet shop",
            owner: Job("confectioner", "boils sugar in copper pans", "boiling sugar", tool: "copper pan"),
            names: ["Sugar Mouse", "Striped Jar", "Candy Moon", "Peppermint Door"],
            wares: ["toffee", "lemon drops", "chocolate", "nougat", "mint sweets", "marzipan"],
            air: "the smell of warm sugar"),
        ShopKind(
            name: "shoe shop",
            owner: Job("shoemaker", "puts new soles on old boots", "stitching soles", tool: "awl"),
            names: ["Left Boot", "Happy Heel", "Red Lace", "Long Stride"],
            wares: ["walking boots", "sandals", "slippers", "laces", "dancing shoes", "rubber boots"],
            air: "the smell of leather"),
        ShopKind(
            name: "greengrocer's",
            owner: Job(
                "greengrocer", "piles apples into pyramids", "weighing apples", tool: "pair of scales"),
            names: ["Full Basket", "Ripe Pear", "Little Radish", "Green Wagon"],
            wares: ["apples", "potatoes", "pumpkins", "pears", "mushrooms", "spinach"],
            air: "crates of apples"),
        ShopKind(
            name: "candle shop",
            owner: Job("candle maker", "dips candles in beeswax", "dipping candles", tool: "pot of wax"),
            names: ["Little Flame", "Beeswax", "Bright Wick", "Evening Glow"],
            wares: ["candles", "lanterns", "matches", "soap", "incense", "oil lamps"],
            air: "the smell of beeswax"),
        ShopKind(
            name: "pottery",
            owner: Job("potter", "throws bowls on a wheel", "throwing bowls", tool: "potter's wheel"),
            names: ["Brown Jug", "Clay Hand", "Painted Bowl", "Blue Glaze"],
            wares: ["bowls", "jugs", "mugs", "vases", "flower pots", "plates"],
            air: "the hum of the wheel"),
        ShopKind(
            name: "clock shop",
            owner: Job(
                "clockmaker", "repairs clocks that run slow", "winding clocks", tool: "magnifying glass"),
            names: ["Slow Minute", "Brass Pendulum", "Twelfth Hour", "Tick and Tock"],
            wares: [
                "wall clocks", "pocket watches", "alarm clocks", "hourglasses", "watch straps", "sundials",
            ],
            air: "a hundred clocks ticking"),
        ShopKind(
            name: "wool shop",
            owner: Job("wool dyer", "dyes wool with onion skins", "dyeing wool", tool: "dye pot"),
            names: ["Tangled Thread", "Black Sheep", "Soft Skein", "Busy Needle"],
            wares: ["wool", "knitting needles", "mittens", "buttons", "ribbons", "blankets"],
            air: "shelves in every colour"),
        ShopKind(
            name: "stationery shop",
            owner: Job("stationer", "sells ink in nine colours", "cutting paper", tool: "paper knife"),
            names: ["Ink Pot", "Folded Letter", "Sharp Pencil", "Blue Envelope"],
            wares: ["notebooks", "ink", "pencils", "envelopes", "wrapping paper", "calendars"],
            air: "the scratch of pens"),
        ShopKind(
            name: "tailor's shop",
            owner: Job("tailor", "sews coats that last", "sewing coats", tool: "sewing machine"),
            names: ["Silver Thimble", "Long Sleeve", "Velvet Cuff", "Even Hem"],
            wares: ["coats", "waistcoats", "trousers", "shirts", "hats", "costumes"],
            air: "the whirr of the sewing machine"),
        ShopKind(
            name: "inn",
            owner: Job("innkeeper", "has a room for every guest", "carrying plates", tool: "bunch of keys"),
            names: ["Sleeping Fox", "Three Herons", "Old Oar", "White Stag"],
            wares: ["soup", "roast chicken", "cider", "guest rooms", "breakfast", "dumplings"],
            air: "laughter and clinking glasses"),
    ]
}
