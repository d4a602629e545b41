import Foundation
import JSON

/// The meaning of a column's numbers or bytes.
enum Meaning: Hashable {
    case signed
    case unsigned
    /// Text in UTF-8.
    case text
    /// Bytes, which are text where they are UTF-8, and base64 where they are not.
    case binary
    /// A number with this many digits after the point; as bytes, the highest come first.
    case decimal(scale: Int)
    case half
    case uuid
    /// Days since 1970.
    case date
    /// Ticks since midnight.
    case time(ticks: Int64)
    /// Ticks since 1970, which are told in UTC or in an unsaid place.
    case timestamp(ticks: Int64, isUTC: Bool)

    /// The value of a whole number.
    func value(of number: Int64) -> JSONValue {
        switch self {
        case .unsigned:
            let value = UInt64(bitPattern: number)
            return Int(exactly: value).map { .integer($0) } ?? .number(Double(value))
        case .decimal(let scale) where scale > 0: return .number(Double(number) / pow(10, Double(scale)))
        case .date: return .string(Calendar.date(day: number))
        case .time(let ticks): return .string(Calendar.time(number, ticksPerSecond: ticks))
        case .timestamp(let ticks, let isUTC):
            let (day, rest) = number.flooredDivision(by: 86_400 * ticks)
            return .string(
                "\(Calendar.date(day: day))T\(Calendar.time(rest, ticksPerSecond: ticks))\(isUTC ? "+00:00" : "")"
            )
        default: return .integer(Int(number))
        }
    }

    /// The value of bytes.
    func value(of bytes: Bytes) throws(TableError) -> JSONValue {
        switch self {
        case .half where bytes.count == 2: return .number(Self.number(half: bytes.load(0, as: UInt16.self)))
        case .decimal(let scale): return .number(Self.number(bigEndian: bytes) / pow(10, Double(scale)))
        case .uuid where bytes.count == 16:
            let digits = bytes.memory.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            var text = digits
            for place in [20, 16, 12, 8] {
                text.insert("-", at: text.index(text.startIndex, offsetBy: place))
            }
            return .string(text)
        case .binary, .half, .uuid:
            if let text = String(validating: bytes.memory, as: UTF8.self) { return .string(text) }
            return .string(Data(bytes.memory).base64EncodedString())
        default:
            guard let text = String(validating: bytes.memory, as: UTF8.self) else {
                throw TableError(found: "bytes that are no UTF-8", expected: "text in UTF-8")
            }
            return .string(text)
        }
    }

    /// A number of 16 bits, which not every processor has.
    static func number(half bits: UInt16) -> Double {
        let sign: Double = bits >> 15 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 31
        let fraction = Double(bits & 0x3FF)
        return switch exponent {
        case 0: sign * scalbn(fraction, -24)
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * scalbn(fraction + 1024, exponent - 25)
        }
    }

    /// A number in two's complement of any size.
    private static func number(bigEndian bytes: Bytes) -> Double {
        guard let first = bytes.memory.first else { return 0 }
        var value = first >= 0x80 ? -1.0 : 0.0
        for byte in bytes.memory { value = value * 256 + Double(byte) }
        return value
    }
}

/// Dates and times as text (ISO 8601), in the Gregorian calendar without end on either side.
private enum Calendar {
    /// A day since 1970 as `2026-11-29`.
    ///
    /// - SeeAlso: Howard Hinnant, *chrono-compatible low-level date algorithms*, `civil_from_days`.
    static func date(day: Int64) -> String {
        let (era, dayOfEra) = day.addingReportingOverflow(719_468).partialValue.flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfYear - (153 * shifted + 2) / 5 + 1, 2))"
    }

    /// A time of day as `17:05:00`, with six or nine digits after the second where it has a fraction.
    static func time(_ ticks: Int64, ticksPerSecond: Int64) -> String {
        let (seconds, rest) = ticks.flooredDivision(by: ticksPerSecond)
        let (minutes, second) = seconds.flooredDivision(by: 60)
        let (hour, minute) = minutes.flooredDivision(by: 60)
        let text = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        if rest == 0 { return text }
        let nanoseconds = rest * (1_000_000_000 / ticksPerSecond)
        return nanoseconds % 1000 == 0
            ? "\(text).\(padded(nanoseconds / 1000, 6))" : "\(text).\(padded(nanoseconds, 9))"
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension Int64 {
    /// Quotient and remainder, of which the remainder is not negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
