import Alignment
import Foundation
import LanguageModel
import NeuralCore

/// The adapters that PEFT wrote into `Fixtures/Adapters`, by the names of their folders.
enum AdapterFixture {
    /// Of linear maps in the blocks; `make_adapters.py` made them.
    static let maps = ["lora", "rslora", "dora", "patterns"]
    /// Of families where one adapter serves queries, keys and values; `make_gpt2_adapters.py` and `make_joined_adapters.py`
    /// made them.
    static let joined = [
        "gpt2", "gpt2-dora", "gpt2-patterns", "phi3", "phi3-dora", "gpt_neox", "gpt_neox-dora",
    ]
    /// Of the head and of the embedding, with modules saved whole and patterns that are regular expressions;
    /// `make_table_adapters.py` made them.
    static let tables = [
        "regex", "modules", "tables", "tables-dora", "tied-tables", "tied-head", "tied-modules",
        "tied-saved-head", "tied-ensured", "gpt2-modules", "phi3-modules", "gpt_neox-modules",
    ]

    static func folder(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/Adapters/\(name)")
    }

    /// The model that an adapter is for.
    static func base(_ name: String) throws -> Transformer {
        for base in ["tied", "gpt2", "phi3", "gpt_neox"] where name.hasPrefix(base) {
            return try ModelDirectory(folder("\(base)-base")).transformer()
        }
        return try ParityRun.model()
    }

    static func adapted(_ name: String) throws -> AdaptedTransformer {
        let base = try base(name)
        return base.applying(try ModelDirectory(folder(name)).adapter(for: base))
    }
}

/// The norm of a difference, relative to that of what is expected.
func distance(_ found: Tensor, _ expected: Tensor) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return ((found - expected).sumOfSquares() / max(expected.sumOfSquares(), 1e-12)).squareRoot()
}

/// The logits of one text, `[tokens, vocabulary]`.
func logits(_ transformer: Transformer, _ tokens: [Int32] = [3, 1, 4, 1, 5, 9, 2, 6]) -> Tensor {
    transformer.logits(of: transformer(tokens, over: Forest(sequenceLengths: [tokens.count])))
}
