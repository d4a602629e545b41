// The Alignment layer.
