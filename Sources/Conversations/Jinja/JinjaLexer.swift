/// Cuts a template's source into tokens, with the white space rules that transformers sets.
///
/// `trim_blocks`: the line break after a statement or comment is dropped. `lstrip_blocks`: blanks before a
/// statement or comment are dropped when nothing else stands before it on its line. `-` drops all white space
/// on its side, `+` keeps it. One line break at the end of the source is dropped.
struct JinjaLexer {
    private let source: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var tokens: [JinjaToken] = []
    /// True if the present text begins a line.
    private var startsLine = true

    private init(_ text: String) {
        var lines: [Unicode.Scalar] = []
        lines.reserveCapacity(text.utf8.count)
        var wasReturn = false
        for scalar in text.unicodeScalars {
            if !(wasReturn && scalar == "\n") { lines.append(scalar == "\r" ? "\n" : scalar) }
            wasReturn = scalar == "\r"
        }
        if lines.last == "\n" { lines.removeLast() }
        source = lines
    }

    /// The tokens of a template.
    static func tokens(of text: String) throws(JinjaError) -> [JinjaToken] {
        var lexer = JinjaLexer(text)
        try lexer.readAll()
        return lexer.tokens
    }

    private enum Opening { case variable, block, comment }
    private enum Sign { case none, minus, plus }

    private mutating func readAll() throws(JinjaError) {
        while index < source.count {
            let start = index
            while index < source.count, opening(at: index) == nil { index += 1 }
            var text = source[start..<index]
            guard index < source.count, let opening = opening(at: index) else {
                emitData(text)
                break
            }
            let openingLine = line + text.count { $0 == "\n" }
            index += 2
            let sign = takeSign()
            strip(&text, before: opening, sign)
            emitData(text)
            line = openingLine
            switch opening {
            case .comment: try skipComment()
            case .block where isRaw(): try readRaw()
            case .block: try readTag(.blockBegin, end: .blockEnd)
            case .variable: try readTag(.variableBegin, end: .variableEnd)
            }
            startsLine = index > 0 && source[index - 1] == "\n"
        }
        tokens.append(JinjaToken(kind: .end, line: line))
    }

    private func has(_ text: StaticString, at position: Int) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard position + bytes.count <= source.count else { return false }
        return zip(source[position...], bytes).allSatisfy { $0.value == UInt32($1) }
    }

    private func opening(at position: Int) -> Opening? {
        guard source[position] == "{", position + 1 < source.count else { return nil }
        switch source[position + 1] {
        case "{": return .variable
        case "%": return .block
        case "#": return .comment
        default: return nil
        }
    }

    private mutating func takeSign() -> Sign {
        guard index < source.count else { return .none }
        switch source[index] {
        case "-":
            index += 1
            return .minus
        case "+":
            index += 1
            return .plus
        default: return .none
        }
    }

    /// Drops white space at the end of the text before a tag, as its sign says.
    private func strip(_ text: inout ArraySlice<Unicode.Scalar>, before opening: Opening, _ sign: Sign) {
        switch sign {
        case .minus:
            while let last = text.last, last.isPythonSpace { text.removeLast() }
        case .none where opening != .variable:
            let lineStart = text.lastIndex(of: "\n").map { $0 + 1 }
            guard lineStart != nil || startsLine else { return }
            let blanks = text[(lineStart ?? text.startIndex)...]
            if blanks.allSatisfy(\.isPythonSpace) { text.removeLast(blanks.count) }
        default: break
        }
    }

    private mutating func emitData(_ text: ArraySlice<Unicode.Scalar>) {
        guard !text.isEmpty else { return }
        tokens.append(JinjaToken(kind: .data(String(String.UnicodeScalarView(text))), line: line))
        line += text.count { $0 == "\n" }
    }

    private mutating func skipWhiteSpace() {
        while index < source.count, source[index].isPythonSpace {
            if source[index] == "\n" { line += 1 }
            index += 1
        }
    }

    /// Steps over the end of a tag if it stands here, and over the white space that goes with it.
    private mutating func skipEnd(_ end: StaticString, trims: Bool) -> Bool {
        if has(end, at: index) {
            index += 2
            if trims, index < source.count, source[index] == "\n" {
                index += 1
                line += 1
            }
            return true
        }
        guard index < source.count, has(end, at: index + 1) else { return false }
        switch source[index] {
        case "-":
            index += 3
            skipWhiteSpace()
            return true
        case "+" where trims:
            index += 3
            return true
        default: return false
        }
    }

    private mutating func skipComment() throws(JinjaError) {
        let start = line
        while index < source.count {
            if skipEnd("#}", trims: true) { return }
            if source[index] == "\n" { line += 1 }
            index += 1
        }
        throw .syntax(line: start, reason: "a comment that does not end")
    }

    /// True if this statement is `raw`.
    private func isRaw() -> Bool {
        var position = index
        while position < source.count, source[position].isPythonSpace { position += 1 }
        guard has("raw", at: position) else { return false }
        position += 3
        while position < source.count, source[position].isPythonSpace { position += 1 }
        return has("%}", at: position) || has("-%}", at: position)
    }

    private mutating func readRaw() throws(JinjaError) {
        let start = line
        skipWhiteSpace()
        index += 3
        skipWhiteSpace()
        _ = skipEnd("%}", trims: false)
        startsLine = source[index - 1] == "\n"
        let textStart = index
        let textLine = line
        while index < source.count {
            let textEnd = index
            if opening(at: index) == .block {
                index += 2
                let sign = takeSign()
                skipWhiteSpace()
                if has("endraw", at: index) {
                    index += 6
                    skipWhiteSpace()
                    if skipEnd("%}", trims: true) {
                        var text = source[textStart..<textEnd]
                        strip(&text, before: .block, sign)
                        let endLine = line
                        line = textLine
                        emitData(text)
                        line = endLine
                        return
                    }
                }
                index = textEnd
            }
            index += 1
        }
        throw .syntax(line: start, reason: "a raw block that does not end")
    }

    /// Reads the tokens between `{{` and `}}` or `{%` and `%}`.
    private mutating func readTag(_ begin: JinjaToken.Kind, end: JinjaToken.Kind) throws(JinjaError) {
        let start = line
        tokens.append(JinjaToken(kind: begin, line: line))
        var brackets: [String] = []
        while index < source.count {
            skipWhiteSpace()
            let tokenLine = line
            if brackets.isEmpty, skipEnd(end == .blockEnd ? "%}" : "}}", trims: end == .blockEnd) {
                tokens.append(JinjaToken(kind: end, line: tokenLine))
                return
            }
            guard index < source.count else { break }
            let kind = try readToken()
            if case .symbol(let symbol) = kind { try match(symbol, &brackets) }
            tokens.append(JinjaToken(kind: kind, line: tokenLine))
        }
        throw .syntax(line: start, reason: "a tag that does not end")
    }

    private func match(_ symbol: String, _ brackets: inout [String]) throws(JinjaError) {
        switch symbol {
        case "(": brackets.append(")")
        case "[": brackets.append("]")
        case "{": brackets.append("}")
        case ")", "]", "}":
            guard brackets.popLast() == symbol else {
                throw .syntax(line: line, reason: "'\(symbol)' closes nothing")
            }
        default: break
        }
    }
}

// MARK: - Tokens within tags

extension JinjaLexer {
    private mutating func readToken() throws(JinjaError) -> JinjaToken.Kind {
        let scalar = source[index]
        if scalar == "'" || scalar == "\"" { return .string(try readString(quote: scalar)) }
        if scalar.isDigit { return try readNumber() }
        if scalar == "_" || scalar.properties.isXIDStart {
            let start = index
            while index < source.count, source[index].properties.isXIDContinue { index += 1 }
            return .name(String(String.UnicodeScalarView(source[start..<index])))
        }
        for symbol in ["//", "**", "==", "!=", ">=", "<="] where has(symbol: symbol) {
            index += 2
            return .symbol(symbol)
        }
        guard "+-*/%~[](){}<>=.:|,;".unicodeScalars.contains(scalar) else {
            throw .syntax(line: line, reason: "'\(scalar)' is not expected here")
        }
        index += 1
        return .symbol(String(scalar))
    }

    private func has(symbol: String) -> Bool { source[index...].starts(with: symbol.unicodeScalars) }

    private mutating func readNumber() throws(JinjaError) -> JinjaToken.Kind {
        let start = index
        var isWhole = true
        while index < source.count, source[index].isDigit || source[index] == "_" { index += 1 }
        let startsAfterDot = start > 0 && source[start - 1] == "."
        if !startsAfterDot, index + 1 < source.count, source[index] == ".", source[index + 1].isDigit {
            isWhole = false
            index += 1
            while index < source.count, source[index].isDigit || source[index] == "_" { index += 1 }
        }
        if !startsAfterDot, index < source.count, source[index] == "e" || source[index] == "E" {
            let signed = index + 1 < source.count && (source[index + 1] == "+" || source[index + 1] == "-")
            let digits = index + (signed ? 2 : 1)
            if digits < source.count, source[digits].isDigit {
                isWhole = false
                index = digits
                while index < source.count, source[index].isDigit { index += 1 }
            }
        }
        let text = String(String.UnicodeScalarView(source[start..<index].filter { $0 != "_" }))
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), !isWhole else {
            throw .unsupported(line: line, construct: "the number \(text)")
        }
        return .number(value)
    }

    private mutating func readString(quote: Unicode.Scalar) throws(JinjaError) -> String {
        let start = line
        var text = String.UnicodeScalarView()
        index += 1
        while index < source.count {
            let scalar = source[index]
            index += 1
            switch scalar {
            case quote: return String(text)
            case "\\" where index < source.count: try readEscape(into: &text)
            case "\n":
                line += 1
                text.append(scalar)
            default: text.append(scalar)
            }
        }
        throw .syntax(line: start, reason: "a string that does not end")
    }

    /// Python's escapes; an unknown one stands for itself, backslash included.
    private mutating func readEscape(into text: inout String.UnicodeScalarView) throws(JinjaError) {
        let letter = source[index]
        index += 1
        switch letter {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "r": text.append("\r")
        case "\\", "'", "\"": text.append(letter)
        case "\n": line += 1
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "v": text.append("\u{0B}")
        case "0"..."7":
            index -= 1
            var code: UInt32 = 0
            for _ in 0..<3 where index < source.count && ("0"..."7").contains(source[index]) {
                code = code * 8 + source[index].value - 48
                index += 1
            }
            text.append(Unicode.Scalar(code)!)
        case "x": text.append(try readCode(digits: 2))
        case "u": text.append(try readCode(digits: 4))
        case "U": text.append(try readCode(digits: 8))
        case "N": throw .unsupported(line: line, construct: "a named character")
        default:
            text.append("\\")
            text.append(letter)
        }
    }

    private mutating func readCode(digits: Int) throws(JinjaError) -> Unicode.Scalar {
        let end = min(index + digits, source.count)
        let text = String(String.UnicodeScalarView(source[index..<end]))
        guard text.unicodeScalars.count == digits, let code = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(code)
        else {
            throw .syntax(line: line, reason: "an escape without its \(digits) digits")
        }
        index = end
        return scalar
    }
}

extension Unicode.Scalar {
    /// An ASCII digit.
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
