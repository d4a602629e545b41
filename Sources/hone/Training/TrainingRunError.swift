import Formatting
import LanguageModel
import NeuralCore

/// A run whose files do not fit together.
enum TrainingRunError: CommandError, CustomStringConvertible {
    /// The folder holds a run, but `--resume` was not given.
    case outputExists(String)
    /// There is no run to resume.
    case nothingToResume(String)
    /// The folder holds a model that no run of ours made.
    case outputHoldsModel(folder: String, file: String)
    /// The folder holds event files of another run.
    case trackingExists(String)
    /// All checkpoints of a run are damaged.
    case noCheckpoint(folder: String, count: Int)
    /// All steps were skipped; their numbers by reason.
    case noStepTaken(refusals: [String: Int])
    /// The machine is too small, bytes.
    case memory(what: String, needed: Double, available: Double)
    /// The run in the folder was started otherwise.
    case otherSettings(folder: String, key: String, found: String, expected: String)
    /// The run in the folder began with something else in its files; fingerprints of that and of what is there now.
    case otherContents(folder: String, input: String, found: String, expected: String)
    /// A file of the run is malformed.
    case malformed(file: String, expected: String)
    /// Nothing in the data can be trained on, or used for another purpose.
    case noExamples(file: String, reason: String, purpose: String = "train on")
    /// The evaluations of a run have no metric of this name.
    case unknownFigure(String, known: Set<String>)
    /// The options cannot be combined.
    case unsupported(String)

    var description: String {
        switch self {
        case .outputExists(let folder):
            "\(folder): holds a run already; go on with it by --resume, or choose another --output"
        case .outputHoldsModel(let folder, let file):
            "\(folder): holds a model (\(file)) and no run; choose another --output, so that it is not replaced"
        case .trackingExists(let folder):
            "\(folder): holds event files of another run; choose another --tensorboard"
        case .noCheckpoint(let folder, let count):
            "\(folder): none of \(counted(count, "checkpoint")) can be read; begin the run anew in another --output"
        case .noStepTaken(let refusals):
            "no step was taken, and no model was written: \(Self.list(refusals))"
        case .memory(let what, let needed, let available):
            "\(what) at least \(NumberStyle.memory.string(needed)) of memory; this machine has \(NumberStyle.memory.string(available))"
        case .nothingToResume(let folder): "\(folder): holds no run to resume"
        case .otherSettings(let folder, let key, let found, let expected):
            "\(folder): the run there was started with \(key) \(found), not \(expected); it can only go on as it began; "
                + "remove the folder or choose another --output to begin anew"
        case .otherContents(let folder, let input, let found, let expected):
            "\(folder): the run there can only go on with what it began with, and \(input) are others now "
                + "(fingerprint \(expected), then \(found)); put back what was there, or remove the folder or choose "
                + "another --output to begin anew"
        case .malformed(let file, let expected): "\(file): expected \(expected)"
        case .noExamples(let file, let reason, let purpose): "\(file): nothing to \(purpose): \(reason)"
        case .unknownFigure(let figure, let known):
            "--keep-best \(figure): the evaluations here have no such figure; they have "
                + known.filter { EarlyStopping.direction(of: $0) != nil }.sorted().joined(separator: ", ")
                + (figure.hasPrefix("eval_") ? ", without the eval_ of metrics.jsonl" : "")
        case .unsupported(let what): what
        }
    }

    var outcome: Outcome {
        switch self {
        case .outputExists, .outputHoldsModel, .trackingExists, .otherSettings, .otherContents, .unsupported,
            .memory,
            .unknownFigure:
            .usage
        case .nothingToResume: .missingInput
        case .malformed, .noExamples, .noCheckpoint, .noStepTaken: .badData
        }
    }

    /// Reasons why steps were not taken, the most frequent first.
    static func list(_ refusals: [String: Int]) -> String {
        refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { $0.value == 1 ? $0.key : "\($0.key) (\(grouped($0.value)) times)" }
            .prefix(shownReasons).joined(separator: "; ")
    }

    private static let shownReasons = 3
}
