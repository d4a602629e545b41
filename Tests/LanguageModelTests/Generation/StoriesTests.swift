import Foundation
import LanguageModel
import NeuralCore
import TestSupport
import Testing

/// A published model, converted by the script beside the fixtures, and its published text.
@Suite struct StoriesTests {
    static let python = ["/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        .enabled(if: TestFiles.hasSharedData, "the shared data is not beside the package"),
        .enabled(if: python != nil, "there is no Python to convert with"))
    func greedyTextIsThePublishedOne() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(component: "stories-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = try [
            fixture("Stories260K/convert.py"), TestFiles.shared("models/stories260K/stories260K.bin"),
            TestFiles.shared("models/stories260K/tok512.bin"), folder,
        ].map(\.path)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)

        let model = try ModelDirectory(folder).transformer()
        let tokenizer = try BytePairTokenizer(contentsOf: folder.appending(component: "tokenizer.json"))
        let published = try String(
            contentsOf: TestFiles.shared("models/stories260K/greedy-200.txt"), encoding: .utf8)
        for (prompt, tokens) in [("", 200), ("Once upon a time", 190)] {
            var text = prompt
            for try await piece in model.continuation(
                of: prompt, with: tokenizer, sampling: .greedy, maxTokens: tokens,
                using: RandomSource(seed: 0))
            {
                text += piece.text
            }
            #expect(prompt.isEmpty ? text == published : published.hasPrefix(text))
        }
    }
}
