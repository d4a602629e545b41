import Foundation

/// A moment written down as Python's `strftime` does, in the local time zone and in English.
enum PythonDate {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The text for a format.
    static func text(_ format: String, of date: Date) throws(JinjaProblem) -> String {
        let calendar = Calendar(identifier: .gregorian)
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        let hour = parts.hour ?? 0
        var text = ""
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%", var letter = scalars.popFirst() else {
                text.unicodeScalars.append(scalar)
                continue
            }
            var pads = true
            if letter == "-", let next = scalars.popFirst() {
                pads = false
                letter = next
            }
            func number(_ value: Int?, _ width: Int = 2) -> String {
                let digits = String(value ?? 0)
                return pads ? String(repeating: "0", count: max(0, width - digits.count)) + digits : digits
            }
            let month = months[((parts.month ?? 1) - 1) % 12]
            let day = days[((parts.weekday ?? 1) - 1) % 7]
            switch letter {
            case "Y": text += number(parts.year, 4)
            case "y": text += number((parts.year ?? 0) % 100)
            case "m": text += number(parts.month)
            case "B": text += month
            case "b", "h": text += String(month.prefix(3))
            case "d": text += number(parts.day)
            case "A": text += day
            case "a": text += String(day.prefix(3))
            case "H": text += number(hour)
            case "I": text += number((hour + 11) % 12 + 1)
            case "p": text += hour < 12 ? "AM" : "PM"
            case "M": text += number(parts.minute)
            case "S": text += number(parts.second)
            case "j": text += number(calendar.ordinality(of: .day, in: .year, for: date), 3)
            case "F": text += "\(number(parts.year, 4))-\(number(parts.month))-\(number(parts.day))"
            case "T": text += "\(number(hour)):\(number(parts.minute)):\(number(parts.second))"
            case "%": text += "%"
            default: throw .unsupported("the date format '%\(letter)'")
            }
        }
        return text
    }
}
