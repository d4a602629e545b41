import Formatting
import Foundation

/// Python's `format % values`, for `%s`, `%r`, `%d`, `%i`, `%x`, `%f`, `%e`, `%g` and `%%`.
enum PercentFormat {
    /// The text that the format makes of a value, or of the elements of a tuple.
    static func apply(
        _ format: String, to value: JinjaValue, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        var arguments = [value][...]
        if case .sequence(let sequence) = value, sequence.kind == .tuple {
            arguments = sequence.elements[...]
        }
        var text = ""
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            let directive = try Directive(&scalars)
            if directive.letter == "%" {
                text += "%"
                continue
            }
            guard let argument = arguments.popFirst() else { throw .failed("too few values for a format") }
            try budget.spend(bytes: directive.width + directive.precisionOrZero)
            text += try directive.text(of: argument, budget)
        }
        var isMapping = false
        if case .mapping = value { isMapping = true }
        guard arguments.isEmpty || isMapping else { throw .failed("too many values for a format") }
        return text
    }

    private struct Directive {
        var isLeft = false
        var isZeroPadded = false
        var isSigned = false
        var isSpaced = false
        var width = 0
        var precision: Int?
        var letter: Unicode.Scalar
        var precisionOrZero: Int { precision ?? 0 }

        init(_ scalars: inout String.UnicodeScalarView.SubSequence) throws(JinjaProblem) {
            letter = "%"
            flags: while let flag = scalars.first {
                switch flag {
                case "-": isLeft = true
                case "0": isZeroPadded = true
                case "+": isSigned = true
                case " ": isSpaced = true
                case "(", "#", "*": throw .unsupported("the format flag '\(flag)'")
                default: break flags
                }
                scalars.removeFirst()
            }
            width = Self.number(&scalars)
            if scalars.first == "." {
                scalars.removeFirst()
                precision = Self.number(&scalars)
            }
            guard let last = scalars.popFirst() else { throw .failed("an incomplete format") }
            letter = last
            guard width < 1 << 20, precisionOrZero < 1 << 10 else {
                throw .tooCostly("the width of a format")
            }
        }

        private static func number(_ scalars: inout String.UnicodeScalarView.SubSequence) -> Int {
            var value = 0
            while let digit = scalars.first, ("0"..."9").contains(digit) {
                value = min(value * 10 + Int(digit.value) - 48, 1 << 30)
                scalars.removeFirst()
            }
            return value
        }

        func text(of value: JinjaValue, _ budget: JinjaBudget) throws(JinjaProblem) -> String {
            switch letter {
            case "s", "r":
                var text = letter == "s" ? try value.text(budget) : try value.representation(budget)
                if let precision { text = String(text.unicodeScalars.prefix(precision)) }
                return padded(text, sign: "")
            case "d", "i", "u", "x", "X", "o":
                let whole = value.whole ?? value.numeric.flatMap { Int(exactly: $0.rounded(.towardZero)) }
                guard let whole, "diu".unicodeScalars.contains(letter) || value.whole != nil else {
                    throw .failed("a format asks for a number, found \(value.typeName)")
                }
                let radix = letter == "o" ? 8 : "xX".unicodeScalars.contains(letter) ? 16 : 10
                var digits = String(whole.magnitude, radix: radix, uppercase: letter == "X")
                digits = String(repeating: "0", count: max(0, precisionOrZero - digits.count)) + digits
                return padded(digits, sign: sign(isNegative: whole < 0))
            case "f", "F", "e", "E", "g", "G":
                guard let number = value.numeric else {
                    throw .failed("a format asks for a number, found \(value.typeName)")
                }
                guard number.isFinite else {
                    return padded(JinjaValue.spelling(of: abs(number)), sign: sign(isNegative: number < 0))
                }
                let digits = printed(abs(number), as: Character(letter), precision ?? 6)
                return padded(digits, sign: sign(isNegative: number.sign == .minus))
            default: throw .unsupported("the format '%\(letter)'")
            }
        }

        private func sign(isNegative: Bool) -> String {
            isNegative ? "-" : isSigned ? "+" : isSpaced ? " " : ""
        }

        private func padded(_ text: String, sign: String) -> String {
            let missing = max(0, width - text.unicodeScalars.count - sign.count)
            if isLeft { return sign + text + String(repeating: " ", count: missing) }
            let isNumber = !"sr".unicodeScalars.contains(letter)
            if isZeroPadded && isNumber { return sign + String(repeating: "0", count: missing) + text }
            return String(repeating: " ", count: missing) + sign + text
        }
    }
}

extension PercentFormat {
    /// The number rounded to decimal places, a tie going to the even neighbor, as Python's `round`.
    static func rounded(_ number: Double, places: Int) throws(JinjaProblem) -> Double {
        guard number.isFinite else { return number }
        if places == 0 { return number.rounded(.toNearestOrEven) }
        guard (1...300).contains(places) else { throw .unsupported("rounding to \(places) places") }
        return Double(fixed(number, places)) ?? number
    }
}

/// Python's `format.format(values)`, for `{}`, `{0}` and `{name}` without format specifications.
enum BraceFormat {
    /// The text that the format makes of the values.
    static func apply(
        _ format: String, _ call: JinjaCall, _ budget: JinjaBudget
    ) throws(JinjaProblem) -> String {
        var text = ""
        var position = 0
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "{" || scalar == "}", scalars.first == scalar {
                scalars.removeFirst()
                text.unicodeScalars.append(scalar)
            } else if scalar == "{" {
                guard let end = scalars.firstIndex(of: "}") else {
                    throw .failed("a format's '{' does not end")
                }
                let name = String(scalars[..<end])
                scalars = scalars[scalars.index(after: end)...]
                let value = try value(name, call, &position)
                let part = try value.text(budget)
                try budget.spend(bytes: part.utf8.count)
                text += part
            } else if scalar == "}" {
                throw .failed("a format's '}' closes nothing")
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func value(
        _ name: String, _ call: JinjaCall, _ position: inout Int
    ) throws(JinjaProblem) -> JinjaValue {
        if name.isEmpty { position += 1 }
        let index = name.isEmpty ? position - 1 : Int(name)
        if let index {
            guard call.positional.indices.contains(index) else {
                throw .failed("too few values for a format")
            }
            return call.positional[index]
        }
        guard name.unicodeScalars.allSatisfy(\.properties.isXIDContinue) else {
            throw .unsupported("the format '{\(name)}'")
        }
        guard let value = call.named[name] else { throw .failed("no value for '\(name)' in a format") }
        return value
    }
}
