/// What was written, and how much of it there is to read.
public struct Written: Sendable, Equatable {
    /// Files, navigation pages included.
    public var files = 0
    /// Characters of text that a reader would want, without tags and clutter.
    public var characters = 0
    /// Bytes on disk.
    public var bytes = 0
}
