/// The shares of a text that are repeated.
///
/// - SeeAlso: [Rae et al. 2021](https://arxiv.org/abs/2112.11446), §A1.1 and Table A1. Departures: bytes of
///   words are counted instead of characters; of a repeated run of words only the later occurrences count.
public struct Repetition: Sendable {
    /// Of the lines, those that stood before.
    public private(set) var lines = 0.0
    /// Of the bytes of lines, those of lines that stood before.
    public private(set) var lineBytes = 0.0
    /// Of the paragraphs, those that stood before.
    public private(set) var paragraphs = 0.0
    /// Of the bytes of paragraphs, those of paragraphs that stood before.
    public private(set) var paragraphBytes = 0.0
    /// Of the bytes of words, those in the most frequent run of 2, 3 and 4 words, by length.
    public private(set) var mostFrequent: [Int: Double] = [:]
    /// Of the bytes of words, those in runs of 5 to 10 words that stood before, by length.
    public private(set) var repeated: [Int: Double] = [:]

    init() {}

    init(_ text: UnsafeBufferPointer<UInt8>, _ words: WordSequence) {
        (lines, lineBytes) = Self.repeatedParts(text, separator: 1)
        (paragraphs, paragraphBytes) = Self.repeatedParts(text, separator: 2)
        guard words.count >= 2 else { return }
        var runs = RepeatedRuns(words)
        for length in 2...10 {
            let (most, again) = runs.extend(to: length)
            if length <= 4 { mostFrequent[length] = most } else { repeated[length] = again }
        }
    }

    /// Lines (one line feed between them) or paragraphs (two), spaces at their ends left out.
    private static func repeatedParts(_ text: UnsafeBufferPointer<UInt8>, separator: Int) -> (Double, Double)
    {
        var seen = HashSet64()
        var (count, repeated, bytes, repeatedBytes) = (0, 0, 0, 0)
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count {
                if text[end] == 0x0a, separator == 1 || end + 1 < text.count && text[end + 1] == 0x0a {
                    break
                }
                end += 1
            }
            var (first, last) = (start, end)
            while first < last, isSpace(text[first]) { first += 1 }
            while last > first, isSpace(text[last - 1]) { last -= 1 }
            if last > first {
                count += 1
                bytes += last - first
                if !seen.insert(StableHash.hash(UnsafeBufferPointer(rebasing: text[first..<last]))) {
                    repeated += 1
                    repeatedBytes += last - first
                }
            }
            start = end + separator
        }
        return count == 0 ? (0, 0) : (Double(repeated) / Double(count), Double(repeatedBytes) / Double(bytes))
    }
}

/// The words of a text in order, by their hashes.
struct WordSequence {
    private(set) var hashes: [UInt64] = []
    /// Bytes of the words before each word; one more entry than words.
    private(set) var offsets: [Int32] = [0]

    init(capacity: Int) {
        hashes.reserveCapacity(capacity)
        offsets.reserveCapacity(capacity + 1)
    }

    var count: Int { hashes.count }
    var bytes: Int { Int(offsets[offsets.count - 1]) }

    mutating func append(_ word: WordScanner.Word) {
        hashes.append(StableHash.mixed(word.hash))
        offsets.append(offsets[offsets.count - 1] &+ Int32(truncatingIfNeeded: word.range.count))
    }
}

/// The runs of words that stand in a text more than once, lengthened word by word.
///
/// A run can only be repeated if the run without its last word is; so the longer the runs, the fewer are left
/// to count.
private struct RepeatedRuns {
    private struct Run {
        var start: Int32
        var hash: UInt64
    }

    private let words: WordSequence
    private var runs: [Run]
    /// A table by hash: 32 bits of the hash, and how often the run was met.
    private var slots: [UInt64]
    /// For each run, its slot.
    private var places: [Int32]

    init(_ words: WordSequence) {
        self.words = words
        runs = words.hashes.enumerated().map { Run(start: Int32(truncatingIfNeeded: $0), hash: $1) }
        slots = [UInt64](repeating: 0, count: Self.size(for: runs.count))
        places = [Int32](repeating: 0, count: runs.count)
    }

    private static func size(for count: Int) -> Int {
        var size = 16
        while size < count * 2 { size *= 2 }
        return size
    }

    /// Lengthens the runs by a word.
    ///
    /// - Returns: Of the bytes of words, those in the most frequent run, and those in runs that stood before.
    mutating func extend(to length: Int) -> (mostFrequent: Double, repeated: Double) {
        let total = words.count
        runs.removeAll { Int($0.start) + length > total }
        let size = Self.size(for: runs.count)
        let all = Double(max(1, words.bytes))
        var counted = 0  // words before this one are counted, or not repeated
        var repeated = 0
        var most = 0
        var left = 0
        words.hashes.withUnsafeBufferPointer { hashes in
            words.offsets.withUnsafeBufferPointer { offsets in
                runs.withUnsafeMutableBufferPointer { runs in
                    slots.withUnsafeMutableBufferPointer { slots in
                        slots[..<size].update(repeating: 0)
                        for index in runs.indices {
                            let start = Int(runs[index].start)
                            let hash = runs[index].hash &* 0x9e37_79b9_7f4a_7c15 &+ hashes[start + length - 1]
                            runs[index].hash = hash
                            let key = StableHash.mixed(hash)
                            var place = Int(truncatingIfNeeded: key) & (size - 1)
                            while slots[place] != 0, slots[place] >> 32 != key >> 32 {
                                place = (place + 1) & (size - 1)
                            }
                            places[index] = Int32(truncatingIfNeeded: place)
                            if slots[place] == 0 {
                                slots[place] = key & ~0xffff_ffff | 1
                            } else {
                                slots[place] &+= 1
                                repeated += Int(offsets[start + length] &- offsets[max(start, counted)])
                                counted = start + length
                            }
                        }
                        for index in runs.indices {
                            let count = Int(slots[Int(places[index])] & 0xffff_ffff)
                            guard count > 1 else { continue }
                            let start = Int(runs[index].start)
                            most = max(most, count * Int(offsets[start + length] &- offsets[start]))
                            runs[left] = runs[index]
                            left += 1
                        }
                    }
                }
            }
        }
        runs.removeLast(runs.count - left)
        return (min(1, Double(most) / all), Double(repeated) / all)
    }
}
