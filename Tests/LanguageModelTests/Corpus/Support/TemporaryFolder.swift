import Foundation
import LanguageModel

/// A folder that is gone when the test is over.
final class TemporaryFolder {
    let url: URL

    init() {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("hone-tests-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file, with the folders above it.
    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file
    }

    /// Writes a text file, with the folders above it.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> URL { try write(name, Array(text.utf8)) }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: url.appendingPathComponent(name).path, withDestinationPath: target)
    }
}

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

/// Prose that quality rules let through, another for every number.
func story(_ number: Int, words: Int = 120) -> String {
    let nouns = [
        "river", "lantern", "baker", "garden", "teacher", "window", "mountain", "letter", "bridge", "harbor",
    ]
    let verbs = [
        "carried", "watched", "painted", "followed", "answered", "repaired", "remembered", "crossed",
    ]
    let small = ["the", "and", "of", "with", "to", "that"]
    var state = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
    var text = "Story number \(number) tells."
    for index in 0..<words / 4 {
        text += index % 6 == 5 ? "\n\nThen " : " "
        text +=
            "\(small[next(6)]) \(nouns[next(10)])\(next(40)) \(verbs[next(8)]) \(nouns[next(10)])\(next(40))."
    }
    return text
}
