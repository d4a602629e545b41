public import ArgumentParser
import Foundation
import JSON

/// A command that trains: its options are the table that flags, help, `run.json` and the comparison of `--resume` are
/// made of.
///
/// An option is a property: its name is the flag and the key in `run.json`, and a run that goes on must have the same
/// value unless ``RunDescription/mayChange`` names it.
protocol TrainingCommand: ParsableCommand, Encodable, SharedCommand {
    /// The method's name, for people.
    static var title: String { get }
    var training: TrainingOptions { get }

    /// Runs the command where the user called it, or as a stage of a quickstart.
    ///
    /// - Returns: The result of the run; nil after `--dry-run`.
    @discardableResult
    func run(_ context: CommandContext) throws -> RunResult?
}

extension TrainingCommand {
    func run() throws { try reportingErrors { try run(CommandContext()) } }

    /// The command's name.
    static var name: String { configuration.commandName ?? "" }
}

extension ParsableArguments where Self: Encodable {
    /// The value of each option that has one, by its name with underscores, those of groups among them.
    func values() throws -> JSONObject {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var values = JSONObject()
        func add(_ members: JSONObject?) {
            for (name, value) in (members?.members.map { ($0.key, $0.value) } ?? []).sorted(by: {
                $0.0 < $1.0
            }) {
                switch value {
                case .null: break
                case .object(let group): add(group)
                default: values[name] = value
                }
            }
        }
        add(try JSONValue(parsing: Array(encoder.encode(self))).object)
        return values
    }
}

extension Option: @retroactive Encodable where Value: Encodable {
    /// Writes the value.
    public func encode(to encoder: any Encoder) throws {
        // A number that no `Int` holds would be rounded where it is read.
        if let number = wrappedValue as? UInt64, number > Int.max {
            try "\(number)".encode(to: encoder)
        } else {
            try wrappedValue.encode(to: encoder)
        }
    }
}

extension Flag: @retroactive Encodable where Value: Encodable {
    /// Writes the value.
    public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension OptionGroup: @retroactive Encodable where Value: Encodable {
    /// Writes the value.
    public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}
