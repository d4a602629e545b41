import Alignment
import BuiltInWorld

extension Prompt {
    /// The turns as training and templates know them.
    var conversation: Conversation { Conversation(messages.map(\.turn)) }
}

extension BuiltInWorld.Message {
    /// The same turn as training and templates know it.
    var turn: Alignment.Message {
        switch role {
        case .system: .system(content)
        case .user: .user(content)
        case .assistant: .assistant(content)
        }
    }
}
