/// The white space after special tokens of Phi-3, which they take with them.
///
/// No key says so: llama.cpp knows the tokens by the name of the model.
enum GGUFSpaces {
    /// Returns whether the special tokens of a model of this name (`general.name`) take the space after them.
    static func areTaken(inModelNamed name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("phi-3") || name.contains("phi3")
    }

    /// Returns whether a special token takes the space after it where most do.
    static func isTaken(by token: String) -> Bool { !["<unk>", "<s>", "<|endoftext|>"].contains(token) }
}
