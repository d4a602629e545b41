// Methods take records, and rewards take behavior: one import gives all three.
@_exported public import Behavior
