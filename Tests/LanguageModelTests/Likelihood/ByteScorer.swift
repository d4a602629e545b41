import Foundation
import LanguageModel

/// A scorer whose tokens are bytes.
func byteScorer(_ model: Transformer) throws -> TextScorer {
    let lines = (0...255).map { "\(Data([UInt8($0)]).base64EncodedString()) \($0)\n" }.joined()
    let file = URL.temporaryDirectory.appending(component: "hone-bytes-\(UUID()).tiktoken")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(lines.utf8).write(to: file)
    return try TextScorer(model, tokenizer: BytePairTokenizer(tiktoken: file, pattern: .gpt2))
}
