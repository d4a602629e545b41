/// The amounts of data and training of a quickstart, from its budget of minutes.
///
/// The budgets are numbers of tokens and records, not of seconds: the same minutes and seed give the same models on
/// every machine, only sooner or later.
struct QuickstartPlan: Encodable {
    /// The budget with which the assistant learns everything that the story tells of.
    static let usualMinutes = 20
    /// A budget of about two minutes on two cores with AVX512-BF16, which shows how everything is done.
    static let quickMinutes = 4

    /// The minutes that everything is scaled by.
    var minutes: Double
    /// The size of the world's websites and of its code, in characters.
    var websiteCharacters: Int
    var codeCharacters: Int
    var vocabularySize = 2048
    /// Blocks and channels of the model.
    var depth = 4
    var width = 128
    /// Channels of an attention head.
    var headSize = 32
    /// Windows of this many tokens, and how many of them in a step.
    var context = 256
    var windowsPerStep = 8
    var pretrainingSteps: Int
    var demonstrations: Int
    var preferences: Int
    var heldOutPreferences: Int
    /// Steps of policy optimization, and the prompts for them.
    var policySteps: Int
    var prompts: Int
    /// Errands that are shown, and steps of learning from errands of its own.
    var errands: Int
    var actingSteps: Int
    /// Prompts in each suite of the evaluation.
    var promptsPerSuite: Int

    /// Errands for each state of their tool in the evaluation.
    var errandsPerService: Int { (promptsPerSuite + 1) / 2 }

    /// - Parameter minutes: The time on two cores with AVX2 and float32, about half of it.
    init(minutes: Double) {
        self.minutes = minutes
        let scale = minutes / 9
        func scaled(_ count: Double, atLeast least: Int) -> Int { max(least, Int((count * scale).rounded())) }
        websiteCharacters = scaled(6_000_000, atLeast: 200_000)
        codeCharacters = scaled(1_500_000, atLeast: 50_000)
        pretrainingSteps = scaled(950, atLeast: 40)
        demonstrations = scaled(52_000, atLeast: 400)
        preferences = scaled(10_000, atLeast: 100)
        heldOutPreferences = scaled(500, atLeast: 50)
        prompts = scaled(2_000, atLeast: 64)
        policySteps = scaled(90, atLeast: 2)
        errands = scaled(540, atLeast: 40)
        actingSteps = scaled(20, atLeast: 2)
        promptsPerSuite = min(150, scaled(100, atLeast: 10))
    }
}
