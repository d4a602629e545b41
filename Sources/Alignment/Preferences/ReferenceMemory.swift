package import Foundation
import LanguageModel
package import NeuralCore

/// Log-probabilities of examples under a reference that does not move, so that it reads each of them once.
///
/// An example is recognized by its token ids. What was computed in one batch is also used in another, where rounding may
/// differ: a checkpoint keeps it, so that a run that was stopped goes on with the same numbers.
package struct ReferenceMemory: Resumable, Sendable {
    /// Most numbers that are kept; examples beyond that are not remembered.
    package let limit: Int
    /// log π_ref of all tokens of the completions of one example after another.
    private var logProbabilities: [Float] = []
    private var places: [Identity: Range<Int>] = [:]

    /// 256 MB.
    static let usualLimit = 1 << 26

    init(limit: Int) { self.limit = limit }

    /// The number of examples that are remembered.
    package var count: Int { places.count }

    /// The log-probability of every target of a batch, `[targets]`; nil unless all of its examples are remembered.
    func recall<Example>(_ batch: PreferenceBatch<Example>) -> Tensor? {
        var recalled: [Float] = []
        for example in batch.examples {
            guard let place = places[Identity(example.group)] else { return nil }
            recalled += logProbabilities[place]
        }
        return Tensor(recalled)
    }

    /// Remembers what the reference said of a batch, in place of what it said of its examples before.
    mutating func keep<Example>(_ batch: PreferenceBatch<Example>) {
        guard let values = batch.reference?.scalars else { return }
        var begin = 0
        for example in batch.examples {
            let group = example.group
            let count = group.completions.reduce(0) { $0 + $1.count }
            defer { begin += count }
            if let place = places[Identity(group)] {
                logProbabilities.replaceSubrange(place, with: values[begin..<begin + count])
            } else if logProbabilities.count + count <= limit {
                places[Identity(group)] = logProbabilities.count..<logProbabilities.count + count
                logProbabilities += values[begin..<begin + count]
            }
        }
    }

    private static func file(in folder: URL) -> URL { folder.appending(component: "remembered.safetensors") }

    /// Writes `remembered.safetensors`: `identities` (two for each example), `ends` and `log_probabilities`.
    package func writeCheckpoint(to folder: URL) throws(FileError) {
        let examples = places.sorted { $0.value.lowerBound < $1.value.lowerBound }
        var writer = SafetensorsWriter()
        writer.add(examples.flatMap { [$0.key.first, $0.key.second] }, named: "identities")
        writer.add(examples.map { Int64($0.value.upperBound) }, named: "ends")
        writer.add(Tensor(logProbabilities), named: "log_probabilities")
        try writer.write(to: Self.file(in: folder))
    }

    package mutating func readCheckpoint(from folder: URL) throws(CheckpointError) {
        let url = Self.file(in: folder)
        let file = try Checkpoint(url)
        let identities = try file.integers("identities", as: Int64.self)
        let ends = try file.integers("ends", as: Int.self)
        let values = try file.tensor("log_probabilities").scalars
        guard identities.count == 2 * ends.count, ends.last ?? 0 == values.count,
            zip([0] + ends, ends).allSatisfy({ $0 < $1 })
        else {
            throw .malformed(
                file: url.path(percentEncoded: false), key: "ends",
                found: "\(ends.count) ends of \(identities.count) identities and \(values.count) numbers",
                expected: "two identities for each end, and ascending ends up to the last number")
        }
        places = [:]
        for (number, (begin, end)) in zip([0] + ends, ends).enumerated() {
            let identity = Identity(first: identities[2 * number], second: identities[2 * number + 1])
            places[identity] = begin..<end
        }
        logProbabilities = values
    }

    /// 128 bits of an example's token ids, by which it is recognized.
    fileprivate struct Identity: Hashable {
        var first: Int64
        var second: Int64
    }
}

extension ReferenceMemory.Identity {
    fileprivate init(_ group: CompletionBatch.Group) {
        var (a, b): (UInt64, UInt64) = (0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344)
        for tokens in [group.prompt] + group.completions {
            for word in [UInt64(tokens.count) << 32] + tokens.map({ UInt64(UInt32(bitPattern: $0)) }) {
                a = Self.mixed(a ^ word)
                b = Self.mixed(b &+ word)
            }
        }
        self.init(first: Int64(bitPattern: a), second: Int64(bitPattern: b))
    }

    /// A bijection that spreads each bit over all others.
    ///
    /// - SeeAlso: SplitMix64, [Steele et al. 2014](https://doi.org/10.1145/2660193.2660195), its finalizer.
    private static func mixed(_ x: UInt64) -> UInt64 {
        var x = x &+ 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return x ^ (x >> 31)
    }
}
