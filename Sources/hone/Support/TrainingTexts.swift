import Files
import Foundation
import LanguageModel

/// The texts of a corpus, of a file, or of all files of a folder in the order of their paths.
struct TrainingTexts {
    private let path: String
    private let files: [String]
    /// What is learned from of a folder that `hone corpus` made; nil for another.
    private let corpus: Corpus?
    /// Long texts come in parts of about this size, cut where no piece reaches across.
    private static let part = 1 << 24

    init(_ path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw FileError.missing(file: path)
        }
        let isCorpus = FileManager.default.fileExists(atPath: "\(path)/\(DataCard.fileName)")
        corpus = isCorpus ? try Corpus(directory: URL(filePath: path)) : nil
        guard !isCorpus else {
            files = []
            return
        }
        guard isFolder.boolValue else {
            files = [path]
            return
        }
        guard let names = FileManager.default.enumerator(atPath: path) else {
            throw FileError.unreadable(file: path, reason: "its files cannot be listed")
        }
        files = names.compactMap { $0 as? String }.sorted().map { "\(path)/\($0)" }.filter { file in
            let type = try? FileManager.default.attributesOfItem(atPath: file)[.type] as? FileAttributeType
            return type == .typeRegular
        }
    }

    /// Calls `body` with each text.
    func forEach(_ body: (ArraySlice<UInt8>) -> Void) throws {
        if let corpus {
            var documents = corpus.makeIterator()
            while let document = documents.next() { body(Array(document.text.utf8)[...]) }
            if let problem = documents.problems.first { throw problem }
        }
        for file in files {
            if file.hasSuffix(".jsonl") || file.hasSuffix(".jsonl.gz") {
                try forEachRecord(of: file, body)
            } else {
                try forEachPart(of: file, body)
            }
        }
    }

    private func forEachRecord(of file: String, _ body: (ArraySlice<UInt8>) -> Void) throws {
        var reader = try InputLines(file)
        while let (first, lines) = try reader.next() {
            for (index, line) in lines.enumerated() {
                if let text = try InputLines.text(of: line, number: first + index, in: file) {
                    body(text[...])
                }
            }
        }
    }

    private func forEachPart(of file: String, _ body: (ArraySlice<UInt8>) -> Void) throws {
        let stream = try ByteStream(file)
        var decoder = StreamedTextDecoder()
        var buffer: [UInt8] = []
        while true {
            let chunk = try stream.piece(of: Self.part)
            buffer += decoder.utf8(chunk, isLast: chunk.isEmpty)
            if chunk.isEmpty { break }
            let cut = SplitPattern.cut(buffer, from: buffer.count - buffer.count / 8, before: buffer.count)
            if cut < buffer.count {
                body(buffer[..<cut])
                buffer.removeFirst(cut)
            }
        }
        body(buffer[...])
    }
}
