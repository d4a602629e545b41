import Files
import JSON
import NeuralCore
import Tables

/// Writes documents as JSON Lines in gzip, cut into files of a bounded size.
///
/// Lines are gathered into blocks; each block becomes a gzip member of its own, so that blocks are
/// compressed in parallel. The bytes written depend on the documents alone.
final class ShardWriter {
    private let folder: String
    private let name: String
    private let level: Int32
    private let shardBytes: Int

    private var lines: [UInt8] = []
    private var lineCount = 0
    private var blocks: [(lines: [UInt8], documents: Int)] = []
    private var file: OutputFile?
    private var shard = DataCard.Shard()
    private(set) var shards: [DataCard.Shard] = []

    private static let blockBytes = 1 << 20
    /// Blocks that are compressed side by side.
    private static let blocksAtOnce = 16

    /// Writes files `name-00000.jsonl.gz`, … into a folder.
    init(folder: String, name: String, level: Int, shardBytes: Int) {
        self.folder = folder
        self.name = name
        self.level = Int32(level)
        self.shardBytes = shardBytes
    }

    /// Adds a document, its heading in its text.
    func append(_ document: Document) throws(CorpusError) {
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
        lineCount += 1
        guard lines.count >= Self.blockBytes else { return }
        seal()
        if blocks.count == Self.blocksAtOnce { try writeBlocks() }
    }

    private func seal() {
        guard !lines.isEmpty else { return }
        blocks.append((lines, lineCount))
        lines.removeAll(keepingCapacity: true)
        lineCount = 0
    }

    private func writeBlocks() throws(CorpusError) {
        var compressed = [[UInt8]](repeating: [], count: blocks.count)
        compressed.withUnsafeMutableBufferPointer { members in
            parallelFor(tasks: blocks.count) { members[$0] = gzipped(blocks[$0].lines, level: level) }
        }
        for (block, member) in zip(blocks, compressed) {
            if shard.documents > 0, shard.bytes + block.lines.count > shardBytes { try closeShard() }
            if file == nil {
                let number = String(shards.count)
                shard.file =
                    name + "-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
                    + ".jsonl.gz"
                file = try OutputFile(folder + "/" + shard.file)
            }
            try file?.write(member)
            shard.documents += block.documents
            shard.bytes += block.lines.count
        }
        blocks.removeAll()
    }

    private func closeShard() throws(CorpusError) {
        guard let file else { return }
        shard.compressedBytes = file.count
        shard.checksum = hexadecimal(file.checksum)
        try file.finish()
        shards.append(shard)
        shard = DataCard.Shard()
        self.file = nil
    }

    /// Writes all that is left; a part without documents still gets a file.
    func finish() throws(CorpusError) {
        seal()
        if blocks.isEmpty, file == nil, shards.isEmpty { blocks = [([], 0)] }
        try writeBlocks()
        try closeShard()
    }
}
