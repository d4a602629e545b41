/// A rank that does not fit to the first.
struct RankError: CommandError, CustomStringConvertible {
    let rank: Int
    let difference: String

    init(_ rank: Int, _ difference: String) { (self.rank, self.difference) = (rank, difference) }

    var outcome: Outcome { .usage }
    var description: String {
        "rank \(rank) \(difference); the ranks of a run need the same build, options, data and kind of processor"
    }
}
