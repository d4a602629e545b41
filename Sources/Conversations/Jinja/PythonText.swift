/// Text as Python sees it: a row of code points, not of characters.
///
/// Swift joins a carriage return with its line feed, and letters with their marks; templates were written for
/// a language that does not, and a template must cut text at the same places.
extension Unicode.Scalar {
    /// True if `str.isspace` takes it for space.
    package var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case ..<0x1680: false
        default: properties.isWhitespace
        }
    }

    /// True if `str.splitlines` takes it for the end of a line.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension String {
    /// A string of the given code points.
    package init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self = String(view)
    }

    /// True if both are the same code points; `==` also takes letters for equal that are composed
    /// differently.
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Without the given code points at the chosen ends; without white space where none are given.
    func stripped(of set: String? = nil, atStart: Bool = true, atEnd: Bool = true) -> String {
        let set = set.map { Set($0.unicodeScalars) }
        func isDropped(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        var rest = unicodeScalars[...]
        if atStart { rest = rest.drop(while: isDropped) }
        if atEnd { while let last = rest.last, isDropped(last) { rest.removeLast() } }
        return String(rest)
    }

    /// The occurrences of the other text, without overlap, as offsets in UTF-8: the first ones, or the last ones
    /// when looked for from the end. They come in the order of the text.
    package func occurrences(of other: String, limit: Int = .max, fromEnd: Bool = false) -> [Range<Int>] {
        let bytes = Array(utf8)
        let wanted = Array(other.utf8)
        guard !wanted.isEmpty, wanted.count <= bytes.count else { return [] }
        var found: [Range<Int>] = []
        var index = fromEnd ? bytes.count - wanted.count : 0
        while index >= 0, index + wanted.count <= bytes.count, found.count < limit {
            if bytes[index] == wanted[0], bytes[index..<index + wanted.count].elementsEqual(wanted) {
                found.append(index..<index + wanted.count)
                index += fromEnd ? -wanted.count : wanted.count
            } else {
                index += fromEnd ? -1 : 1
            }
        }
        return fromEnd ? found.reversed() : found
    }

    /// The pieces between the given ranges of UTF-8 offsets.
    package func pieces(between ranges: [Range<Int>]) -> [String] {
        var pieces: [String] = []
        var start = utf8.startIndex
        for range in ranges {
            pieces.append(String(self[start..<utf8.index(utf8.startIndex, offsetBy: range.lowerBound)]))
            start = utf8.index(utf8.startIndex, offsetBy: range.upperBound)
        }
        return pieces + [String(self[start...])]
    }

    /// The words between runs of white space; after `limit` cuts, the rest stays whole.
    func splitAtSpaces(limit: Int = .max) -> [String] {
        var words: [String] = []
        var rest = unicodeScalars.drop(while: \.isPythonSpace)
        while !rest.isEmpty {
            guard words.count < limit, let end = rest.firstIndex(where: \.isPythonSpace) else {
                words.append(String(rest))
                break
            }
            words.append(String(rest[..<end]))
            rest = rest[end...].drop(while: \.isPythonSpace)
        }
        return words
    }

    /// The lines without their ends; `\r\n` is one end.
    func pythonLines() -> [String] {
        var lines: [String] = []
        var current = String.UnicodeScalarView()
        var isOpen = false
        var wasReturn = false
        for scalar in unicodeScalars {
            defer { wasReturn = scalar == "\r" }
            if scalar == "\n", wasReturn { continue }
            if scalar.isPythonLineBreak {
                lines.append(String(current))
                current = String.UnicodeScalarView()
                isOpen = false
            } else {
                current.append(scalar)
                isOpen = true
            }
        }
        return isOpen ? lines + [String(current)] : lines
    }

    /// First letter upper case, the others lower.
    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return "" }
        return first.properties.titlecaseMapping + String(unicodeScalars.dropFirst()).lowercased()
    }
}
