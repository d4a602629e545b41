/// Bounds that keep reading safe whatever the input is.
public struct ReadingLimits: Sendable, Hashable {
    /// The longest document in bytes, 1 MiB; longer text is cut at a paragraph, longer code or records are
    /// dropped.
    ///
    /// Memory is proportional to this, not to the size of a file.
    public var documentBytes = 1 << 20
    /// Plain text is cut into documents of about this many bytes, 64 KiB, at the end of a paragraph where
    /// there is one.
    ///
    /// A book thus becomes some ten documents, of which the split into training and validation can take one.
    public var textPieceBytes = 1 << 16
    /// The largest web page in bytes before conversion, 16 MiB.
    public var pageBytes = 1 << 24
    /// The largest ratio of inflated to compressed size of a stream, 300.
    ///
    /// DEFLATE cannot go beyond 1,032; text stays under 20, and even logs under 100.
    public var inflationRatio = 300.0
    /// The ratio is looked at only beyond this many inflated bytes, 16 MiB.
    public var inflationAllowance = 1 << 24
    /// The most bytes one compressed file may inflate to; unlimited unless set.
    public var inflatedBytes = Int.max

    /// True if symbolic links to files outside of the folder being read are followed.
    public var followsLinks = false

    /// The columns of JSON Lines and tables that hold `text`, `source`, `language`, `license` and `kind` under other
    /// names.
    public var columns = ColumnMap()

    /// The limits described at each property.
    public init() {}
}
