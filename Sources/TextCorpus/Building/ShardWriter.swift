import JSON

/// Writes documents as JSON Lines in gzip, cut into files of a bounded size.
///
/// Lines are gathered into blocks; each block becomes a gzip member of its own, so that blocks can be
/// compressed in parallel. The bytes written depend on the documents alone.
final class ShardWriter {
    private let folder: String
    private let name: String
    private let level: Int32
    private let shardBytes: Int

    private var lines: [UInt8] = []
    private var blockDocuments = 0
    private var blocks: [PendingLines] = []
    private var file: OutputFile?
    private var shard = DataCard.Shard(file: "", documents: 0, bytes: 0, compressedBytes: 0, checksum: "")
    private(set) var shards: [DataCard.Shard] = []

    /// Lines that are compressed together.
    private final class PendingLines: @unchecked Sendable {
        // Touched by one thread at a time: by the writer, or by the one job that compresses it.
        let lines: [UInt8]
        let documents: Int
        var compressed: [UInt8]?

        init(lines: [UInt8], documents: Int) {
            self.lines = lines
            self.documents = documents
        }
    }

    private static let blockBytes = 1 << 20

    /// Writes files `name-00000.jsonl.gz`, … into a folder.
    init(folder: String, name: String, level: Int, shardBytes: Int) {
        self.folder = folder
        self.name = name
        self.level = Int32(level)
        self.shardBytes = shardBytes
    }

    /// Adds a document, its heading in its text.
    func append(_ document: Document) {
        lines.append(contentsOf: "{\"text\":".utf8)
        lines.appendJSON(document.headed().text)
        for (key, value) in [
            ("kind", document.kind.rawValue), ("source", document.source), ("language", document.language),
            ("license", document.license),
        ] {
            guard let value else { continue }
            lines.append(contentsOf: ",\"\(key)\":".utf8)
            lines.appendJSON(value)
        }
        lines.append(contentsOf: "}\n".utf8)
        blockDocuments += 1
        if lines.count >= Self.blockBytes { seal() }
    }

    private func seal() {
        guard !lines.isEmpty else { return }
        blocks.append(PendingLines(lines: lines, documents: blockDocuments))
        lines.removeAll(keepingCapacity: true)
        blockDocuments = 0
    }

    /// The compression that is waiting to be done, a job for each block.
    func jobs() -> [@Sendable () -> Void] {
        let level = level
        return blocks.filter { $0.compressed == nil }.map { block in
            { block.compressed = gzipped(block.lines, level: level) }
        }
    }

    /// Writes the blocks that are compressed.
    func flush() throws(CorpusError) {
        while let block = blocks.first, let compressed = block.compressed {
            blocks.removeFirst()
            if shard.documents > 0, shard.bytes + block.lines.count > shardBytes { try closeShard() }
            if file == nil {
                let number = String(shards.count)
                shard.file =
                    name + "-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
                    + ".jsonl.gz"
                file = try OutputFile(folder + "/" + shard.file)
            }
            try file?.write(compressed)
            shard.documents += block.documents
            shard.bytes += block.lines.count
        }
    }

    private func closeShard() throws(CorpusError) {
        guard let file else { return }
        shard.compressedBytes = file.count
        shard.checksum = hexadecimal(file.checksum)
        try file.finish()
        shards.append(shard)
        shard = DataCard.Shard(file: "", documents: 0, bytes: 0, compressedBytes: 0, checksum: "")
        self.file = nil
    }

    /// Writes all that is left; a part without documents still gets a file.
    func finish() throws(CorpusError) {
        seal()
        for job in jobs() { job() }
        try flush()
        if file == nil, shards.isEmpty {
            blocks = [PendingLines(lines: [], documents: 0)]
            for job in jobs() { job() }
            try flush()
        }
        try closeShard()
    }
}

/// Eight hexadecimal digits.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
