// A suite asks conversations: one import gives both.
@_exported public import Conversations
