import ArgumentParser
import Formatting
import NeuralCore

/// The greatest values that integer options take; above them lies no work that would end.
enum Most {
    /// Steps, and whatever is counted in steps.
    static let steps = 1_000_000_000
    /// Records, windows, prompts or answers that go into something together.
    static let examples = 1_000_000_000
    /// Tokens that go into something together.
    static let tokens = 1_000_000_000
    /// Epochs: passes over all records.
    static let epochs = 1_000_000
    /// Rounds on the same answers.
    static let rounds = 1_000
}

/// The allowed values of a fractional option.
enum Allowed {
    case positive, notNegative
    /// From 0 on and below 1.
    case share
    /// From 0 to 1.
    case fraction
    /// Above 0 and below 1.
    case part
    /// Above 0, up to 1.
    case positiveFraction
    /// Any number that is one.
    case finite

    func contains(_ value: Double) -> Bool {
        switch self {
        case .positive: value > 0 && value.isFinite
        case .notNegative: value >= 0 && value.isFinite
        case .share: (0..<1).contains(value)
        case .fraction: (0...1).contains(value)
        case .part: value > 0 && value < 1
        case .positiveFraction: value > 0 && value <= 1
        case .finite: value.isFinite
        }
    }

    var description: String {
        switch self {
        case .positive: "greater than 0"
        case .notNegative: "0 or greater"
        case .share: "at least 0 and less than 1"
        case .fraction: "from 0 to 1"
        case .part: "greater than 0 and less than 1"
        case .positiveFraction: "greater than 0, up to 1"
        case .finite: "a finite number"
        }
    }
}

/// Refuses an integer outside of a range; an option that was not given is fine.
func check(_ option: String, _ value: Int?, in range: ClosedRange<Int>) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
        "\(option) is \(value); it must be from \(grouped(range.lowerBound)) to \(grouped(range.upperBound))."
    )
}

/// Refuses a number that is not allowed; an option that was not given is fine.
func check(_ option: String, _ value: (some BinaryFloatingPoint)?, _ allowed: Allowed) throws {
    guard let value, !allowed.contains(Double(value)) else { return }
    throw ValidationError("\(option) is \(value); it must be \(allowed.description).")
}

/// Refuses an option that would be ignored.
///
/// - Parameters:
///   - isGiven: Whether the user gave it.
///   - reason: The condition for it, as in "it needs --lora-rank".
func refuse(_ option: String, if isGiven: Bool, _ reason: String) throws {
    if isGiven { throw ValidationError("\(option) would be ignored: \(reason).") }
}

/// `MatrixPrecision` by its name.
enum PrecisionName: String, ExpressibleByArgument, CaseIterable, Encodable {
    case float32, bfloat16

    var precision: MatrixPrecision {
        switch self {
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }
}
