import ArgumentParser
import LanguageModel

/// The columns of data that are read under other names.
struct ColumnOptions: ParsableArguments, Encodable {
    @Option(
        help: ArgumentHelp(
            "Read columns as keys of other names, such as prompt=question,chosen=best.",
            valueName: "key=column,…"))
    var map: String?

    /// The columns that stand for keys.
    var columns: ColumnMap { map.flatMap { ColumnMap($0) } ?? ColumnMap() }

    func validate() throws {
        if let map, ColumnMap(map) == nil {
            throw ValidationError("--map \(map): write KEY=COLUMN, each key once, with commas between them.")
        }
    }
}
