import Files

/// What is to be written would replace something that the same command reads.
struct OutputIsInput: CommandError, CustomStringConvertible {
    let option: String
    let output: String
    let input: String

    /// Throws itself where an output is an input, by whatever path or link, where an output is a file of a folder that is
    /// read, or a folder that holds what is read.
    ///
    /// An output that is not there yet replaces nothing.
    ///
    /// - Parameters:
    ///   - output: The path of a file or folder; nil for none.
    ///   - option: The option that names it, as it is typed.
    ///   - inputs: The paths that are read; what is not there is passed over.
    static func check(_ output: String?, as option: String, among inputs: [String?]) throws {
        guard let output, let written = FileIdentity(output) else { return }
        for input in inputs.compactMap(\.self) {
            guard let read = FileIdentity(input) else { continue }
            let isWithin =
                FileStatus(output) == .folder
                ? FileIdentity.folders(above: input).contains(written)
                : FileIdentity.folders(above: output).contains(read)
            if written == read || isWithin {
                throw OutputIsInput(option: option, output: output, input: input)
            }
        }
    }

    /// Those of some inputs that are files. The folder of a model may hold what is written: nothing reads it there.
    static func files(among inputs: [String?]) -> [String?] {
        inputs.filter { $0.map { FileStatus($0) } == .file }
    }

    var outcome: Outcome { .usage }
    var description: String {
        let isWithin = FileStatus(input) == .folder && FileStatus(output) != .folder
        let replaced = (isWithin ? "a file of " : "") + input
        return "\(option) \(output): would replace \(replaced), which this command reads"
    }
}
