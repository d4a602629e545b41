// Whoever catches errors of checkpoints needs FileError as well.
@_exported public import Files
