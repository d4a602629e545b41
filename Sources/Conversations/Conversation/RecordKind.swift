/// The kinds of records that are trained on.
public enum RecordKind: String, Hashable, Sendable, CaseIterable {
    /// Something to imitate: ``DemonstrationRecord``.
    case demonstrations
    /// Two answers, of which one is preferred: ``PreferenceRecord``.
    case preferences
    /// One answer, called good or bad: ``LabeledRecord``.
    case labels
    /// What is asked: ``PromptRecord``.
    case prompts
}
