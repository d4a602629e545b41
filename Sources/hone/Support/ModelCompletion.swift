import ArgumentParser

extension CompletionKind {
    /// Where a model lies: a folder, or a file in GGUF.
    static var model: CompletionKind { .file(extensions: ["gguf"]) }
}
