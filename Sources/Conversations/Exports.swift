// Whoever makes or reads records needs JSONValue as well.
@_exported public import JSON
