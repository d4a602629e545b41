/// What is done to every document between its source and the corpus.
///
/// The steps are applied in their order, each to one document at a time; then duplicates are left out.
///
///     var pipeline = CorpusPipeline.standard
///     pipeline.steps.append(
///         DocumentFilter("about_cats", "does not speak of cats") { $0.text.contains("cat") })
public struct CorpusPipeline: Sendable {
    /// The steps, in order.
    public var steps: [any DocumentStep]
    /// Which duplicates are left out.
    public var duplicates: DuplicateRemoval
    /// The bounds of reading.
    public var limits: ReadingLimits

    /// A pipeline of these steps.
    public init(
        steps: [any DocumentStep], duplicates: DuplicateRemoval = .standard,
        limits: ReadingLimits = ReadingLimits()
    ) {
        self.steps = steps
        self.duplicates = duplicates
        self.limits = limits
    }

    /// Cleaning, redaction of secrets, the standard quality rules, and removal of near-duplicates.
    public static let standard = CorpusPipeline(
        steps: [TextCleaning(), SecretRemoval(), LanguageNoting(), QualityFilter()])

    /// Documents as they are read.
    public static let unchanged = CorpusPipeline(steps: [], duplicates: .none)
}
