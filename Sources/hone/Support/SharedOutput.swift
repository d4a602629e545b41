import NeuralCore

/// Output whose pieces are made on different ranks and written by the first, in order: the same as that of one process.
///
///     for group in groups { try output.piece { try standardOutput(answers(to: group)) } }
///     try output.finish()
///
/// All ranks come by all pieces, and each makes those whose turn it has. A process by itself writes each as it is made.
final class SharedOutput {
    private let communicator = Ranks.communicator
    private let write: ([UInt8]) throws -> Void
    /// Pieces that all ranks came by.
    private var count = 0
    /// Those of this rank that are not written yet.
    private var own: [[UInt8]] = []

    /// - Parameter write: Writes a piece.
    init(to write: @escaping ([UInt8]) throws -> Void = { try standardOutput($0) }) { self.write = write }

    /// Has `body` write a piece to standard output, on the rank whose turn it is.
    func piece(_ body: () throws -> Void) throws {
        guard communicator.size > 1 else { return try body() }
        if count % communicator.size == communicator.rank { own.append(try capturingOutput(body)) }
        count += 1
        // Pieces do not wait for each other longer than they have to.
        if count % communicator.size == 0 { try finish() }
    }

    /// Writes what is not written yet.
    func finish() throws {
        guard communicator.size > 1, count > 0 else { return }
        let pieces = communicator.gathered(own.first ?? [])
        for piece in pieces.prefix(count) where communicator.rank == 0 { try write(piece) }
        (count, own) = (0, [])
    }

    /// The sums over all ranks of counts that each kept for its own pieces.
    func sums(of counts: [Double]) -> [Double] {
        let all = WorkSharing(among: communicator).gathered([PartFigures(counts)])
        return counts.indices.map { place in all.reduce(0) { $0 + $1.numbers[place] } }
    }
}
