/// How an answer keeps to all the instructions of a prompt.
public struct InstructionFollowing: Hashable, Sendable, Codable {
    /// For each instruction, whether the answer follows it.
    public var strict: [Bool]
    /// For each instruction, whether the answer follows it when its first line, last line or asterisks are
    /// overlooked.
    public var loose: [Bool]

    /// Verifies an answer.
    public init(_ answer: String, _ instructions: [Instruction]) {
        strict = instructions.map { $0.isFollowed(by: answer) }
        loose = zip(instructions, strict).map { $1 || $0.isLooselyFollowed(by: answer) }
    }
}
