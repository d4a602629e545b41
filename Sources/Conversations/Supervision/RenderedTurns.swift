import Foundation

/// The assistant's words in one turn of a rendered conversation.
struct TurnSpan {
    /// The turn's place in the conversation.
    var message: Int
    /// The range of its text, as offsets in UTF-8, up to the end of the token that ends it.
    var range: Range<Int>
    /// The special token that ends it.
    package var endOfTurn: String
}

/// Renders a conversation up to each of its turns, to find what each adds.
struct RenderedTurns {
    let template: ChatTemplate
    let conversation: Conversation
    let variables: JSONObject
    let date: Date

    /// The first turns as text.
    func rendered(_ count: Int, prompts: Bool) throws(SupervisionProblem) -> JinjaTemplate.Output {
        do throws(JinjaError) {
            return try template.rendered(
                Conversation(
                    Array(conversation.messages[..<count]), tools: conversation.tools,
                    variables: conversation.variables),
                addingGenerationPrompt: prompts, variables: variables, date: date)
        } catch {
            throw .template(error)
        }
    }

    /// Throws if a turn's content, thinking, or a call in it, holds a special token of the template, or the template does not
    /// write thinking that is to be trained.
    func checkContents() throws(SupervisionProblem) {
        for (index, message) in conversation.messages.enumerated() {
            let calls = message.toolCalls.map { $0.json.text(.compact) }
            for token in template.specialTokens
            where !token.isEmpty
                && ([message.content, message.reasoning ?? ""] + calls)
                    .contains(where: { $0.utf8.contains(token.utf8) })
            {
                throw .specialTokenInContent(message: index, token: token)
            }
        }
        try checkReasoning()
    }

    /// Throws if the template does not write the first thinking that is to be trained, at the time when its turn is the last:
    /// many leave out that of earlier turns, as the model has not before it what it thought then.
    private func checkReasoning() throws(SupervisionProblem) {
        for (index, message) in conversation.messages.enumerated() where message.role == .assistant {
            guard message.isTrained,
                let reasoning = message.reasoning ?? ReasonedText(message.content).reasoning
            else { continue }
            let thought = reasoning.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !thought.isEmpty else { continue }
            guard try rendered(index + 1, prompts: false).text.contains(thought) else {
                throw .reasoningLeftOut(message: index)
            }
            return
        }
    }

    /// The part of a range that ends with the turn's end: of the special tokens at its end, with white space
    /// between them, the first that is no part of a call.
    func span(
        of message: Int, _ range: Range<Int>, in bytes: [UInt8]
    ) throws(SupervisionProblem) -> TurnSpan {
        let marks = Set(ToolCallFormat.allCases.flatMap(\.marks))
        let tokens = template.specialTokens.filter { !$0.isEmpty && !marks.contains($0) }
        var end = range.upperBound
        var found: TurnSpan?
        while true {
            while end > range.lowerBound, bytes[end - 1] <= UInt8(ascii: " ") { end -= 1 }
            let text = bytes[range.lowerBound..<end]
            let token = tokens.filter { text.hasSuffix($0.utf8) }.max { $0.utf8.count < $1.utf8.count }
            guard let token else { break }
            found = TurnSpan(message: message, range: range.lowerBound..<end, endOfTurn: token)
            end -= token.utf8.count
        }
        if let found { return found }
        let tail = String(decoding: bytes[range].suffix(16), as: UTF8.self)
        throw .endOfTurnNotTrained(message: message, found: tail)
    }

    /// The parts of each turn that the template marks as the assistant's, as it marks them.
    ///
    /// A turn may have several, as where the end-of-text token after the last one has a mark of its own; each belongs to the
    /// turn that was begun last. One of a turn's parts must end with a special token.
    ///
    /// - Parameters:
    ///   - messages: The assistant's turns.
    ///   - marks: The marked parts of the whole conversation, as offsets in UTF-8.
    func spans(
        of messages: [Int], marked marks: [Range<Int>], in whole: [UInt8]
    ) throws(SupervisionProblem) -> [(message: Int, ranges: [Range<Int>], endOfTurn: String)] {
        let marks = marks.filter { !$0.isEmpty }
        var parts: [[Range<Int>]] = marks.map { [$0] }
        if marks.count != messages.count {
            let mismatch = SupervisionProblem.marksDoNotMatch(found: marks.count, expected: messages.count)
            parts = messages.map { _ in [] }
            var starts: [Int] = []
            for message in messages {
                let before = Array(try rendered(message, prompts: true).text.utf8)
                guard whole.starts(with: before) else { throw mismatch }
                starts.append(before.count)
            }
            for mark in marks {
                guard let turn = starts.lastIndex(where: { $0 <= mark.lowerBound }) else { throw mismatch }
                parts[turn].append(mark)
            }
            guard !parts.contains(where: \.isEmpty) else { throw mismatch }
        }
        var turns: [(message: Int, ranges: [Range<Int>], endOfTurn: String)] = []
        for (message, ranges) in zip(messages, parts) where conversation.messages[message].isTrained {
            turns.append((message, ranges.joinedWhereTheyMeet, try endOfTurn(of: message, ranges, in: whole)))
        }
        return turns
    }

    /// The special token with which the first of a turn's parts ends that ends with one.
    private func endOfTurn(
        of message: Int, _ parts: [Range<Int>], in whole: [UInt8]
    ) throws(SupervisionProblem) -> String {
        for part in parts.dropLast() {
            if let span = try? span(of: message, part, in: whole) { return span.endOfTurn }
        }
        return try span(of: message, parts[parts.count - 1], in: whole).endOfTurn
    }

    /// The text that each of the turns adds to the generation prompt before it; nil if the whole does not start with
    /// what stood there at the time.
    func spans(of messages: [Int], startOf whole: String) throws(SupervisionProblem) -> [TurnSpan]? {
        let whole = Array(whole.utf8)
        var spans: [TurnSpan] = []
        for message in messages {
            let prompt = Array(try rendered(message, prompts: true).text.utf8)
            let turn = Array(try rendered(message + 1, prompts: false).text.utf8)
            guard whole.starts(with: prompt), turn.starts(with: prompt) else { return nil }
            let span = try span(of: message, prompt.count..<turn.count, in: turn)
            guard whole.starts(with: turn[..<span.range.upperBound]) else { return nil }
            spans.append(span)
        }
        return spans
    }

    /// The turns of the assistant between the generation prompts that the whole contains and the next token
    /// that ends a turn.
    ///
    /// This finds all turns or none: contents hold no special tokens, so what looks like a generation prompt
    /// is one.
    func spans(of messages: [Int], between whole: String) throws(SupervisionProblem) -> [TurnSpan] {
        let first = messages[0]
        let before = try rendered(first, prompts: false).text
        let prompted = try rendered(first, prompts: true).text
        guard prompted.utf8.starts(with: before.utf8), prompted.utf8.count > before.utf8.count else {
            throw .startChanges(message: first)
        }
        let prompt = String(decoding: prompted.utf8.dropFirst(before.utf8.count), as: UTF8.self)
        let starts = whole.occurrences(of: prompt).map(\.upperBound)
        guard starts.count == messages.count,
            template.specialTokens.contains(where: { !$0.isEmpty && prompt.utf8.contains($0.utf8) })
        else { throw .startChanges(message: first) }
        let last = messages[messages.count - 1]
        let ending = Array(try rendered(last + 1, prompts: false).text.utf8)
        let endOfTurn = try span(of: last, 0..<ending.count, in: ending).endOfTurn
        let ends = whole.occurrences(of: endOfTurn).map(\.upperBound)
        var spans: [TurnSpan] = []
        for (place, message) in messages.enumerated() {
            let limit = place + 1 < starts.count ? starts[place + 1] : whole.utf8.count
            guard let end = ends.first(where: { $0 > starts[place] }), end <= limit else {
                throw .startChanges(message: message)
            }
            spans.append(TurnSpan(message: message, range: starts[place]..<end, endOfTurn: endOfTurn))
        }
        return spans
    }
}

extension [Range<Int>] {
    /// These ranges, with those that meet made one.
    fileprivate var joinedWhereTheyMeet: [Range<Int>] {
        reduce(into: []) { joined, range in
            if let last = joined.last, last.upperBound == range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<range.upperBound
            } else {
                joined.append(range)
            }
        }
    }
}

extension Collection<UInt8> {
    /// True if the bytes occur one after another.
    func contains(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        var rest = self[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: bytes) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
