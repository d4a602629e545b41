import TextCorpus

/// A text in UTF-16, behind a byte order mark.
func utf16(_ text: String, isBigEndian: Bool = false, isMarked: Bool = true) -> [UInt8] {
    var bytes: [UInt8] = []
    for unit in (isMarked ? [0xfeff] : []) + Array(text.utf16) {
        let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xff))
        bytes += isBigEndian ? [high, low] : [low, high]
    }
    return bytes
}

extension Corpus {
    /// The documents as they are read, and the errors met.
    static func read(
        _ source: CorpusSource, limits: ReadingLimits = ReadingLimits()
    ) throws -> (documents: [Document], problems: [CorpusError]) {
        let pipeline = CorpusPipeline(steps: [], duplicates: .none, limits: limits)
        var iterator = try Corpus(source, pipeline: pipeline).makeIterator()
        var documents: [Document] = []
        while let document = iterator.next() { documents.append(document) }
        return (documents, iterator.problems)
    }
}
