import ArgumentParser

extension CompletionKind {
    /// The path of a model: a folder, or a file in GGUF.
    static var model: CompletionKind { .file(extensions: ["gguf"]) }
}
