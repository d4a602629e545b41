import Conversations

/// Looking for marks that form asks for: placeholders, highlights, sections, titles, postscripts, JSON.
extension InstructionText {
    private func has(_ text: StaticString, at index: Int) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard index + bytes.count <= scalars.count else { return false }
        return zip(scalars[index...], bytes).allSatisfy { $0.value == UInt32($1) }
    }

    /// The number of `[…]`, each on one line.
    var placeholderCount: Int {
        var count = 0
        var index = 0
        while index < scalars.count {
            if scalars[index] == "[" {
                let end = scalars[index...].firstIndex { $0 == "]" || $0 == "\n" }
                if let end, scalars[end] == "]" {
                    count += 1
                    index = end
                }
            }
            index += 1
        }
        return count
    }

    /// The number of `*…*` and of `**…**` on one line with something between.
    var highlightCount: Int { highlightCount(marks: 1) + highlightCount(marks: 2) }

    private func highlightCount(marks: Int) -> Int {
        func opens(_ index: Int) -> Bool { marks == 1 ? has("*", at: index) : has("**", at: index) }
        var count = 0
        var index = 0
        while index < scalars.count {
            if opens(index) {
                var end = index + marks
                while end < scalars.count, scalars[end] != "*", scalars[end] != "\n" { end += 1 }
                if opens(end) {
                    if scalars[index + marks..<end].contains(where: { !$0.isPythonSpace }) { count += 1 }
                    index = end + marks
                    continue
                }
            }
            index += 1
        }
        return count
    }

    /// The number of times that the word stands before a number.
    func sectionCount(_ word: String) -> Int {
        occurrences(of: word).count { found in
            var index = found.upperBound
            if index < scalars.count, scalars[index].isPythonSpace { index += 1 }
            return index < scalars.count && scalars[index].properties.generalCategory == .decimalNumber
        }
    }

    /// True if a line holds `<<…>>` with something between.
    var hasTitle: Bool {
        scalars.split(separator: "\n").contains { line in
            let line = InstructionText(line)
            guard let start = line.scalars.indices.first(where: { line.has("<<", at: $0) }),
                let end = line.scalars.indices.last(where: { line.has(">>", at: $0) }), end > start + 2
            else { return false }
            var title = line.scalars[start..<end + 2].drop { $0 == "<" }
            while title.last == ">" { title.removeLast() }
            return title.contains { !$0.isPythonSpace }
        }
    }

    /// True if a postscript is introduced; `p.s.` and `p.p.s` may have spaces within.
    func hasPostscript(_ marker: String) -> Bool {
        let letters: [Unicode.Scalar]
        switch marker {
        case "p.p.s": letters = ["p", ".", "p", ".", "s"]
        case "p.s.": letters = ["p", ".", "s", "."]
        default: return count(of: marker) > 0
        }
        return scalars.indices.contains { start in
            var index = start
            for (place, letter) in letters.enumerated() {
                if place > 0, letters[place - 1] == ".", index < scalars.count, scalars[index].isPythonSpace {
                    index += 1
                }
                guard index < scalars.count, scalars[index] == letter else { return false }
                index += 1
            }
            return true
        }
    }

    /// True if all of it is a JSON document, perhaps in a code fence.
    var isJSON: Bool {
        var rest = trimmed
        for fence in ["```json", "```Json", "```JSON", "```"] where rest.starts(with: fence.unicodeScalars) {
            rest = rest.dropFirst(fence.unicodeScalars.count)
        }
        if rest.suffix(3).elementsEqual("```".unicodeScalars) { rest = rest.dropLast(3) }
        return (try? JSONValue(parsing: String(rest))) != nil
    }
}
