import Foundation

/// A number of things with its noun: `1 record`, `1,234 records`.
///
/// - Parameters:
///   - noun: The singular.
///   - plural: The plural, if it is not the singular with an s.
package func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    grouped(count) + " " + (count == 1 ? noun : plural ?? noun + "s")
}

/// A whole number with its digits in groups of three: `1,234,567`.
package func grouped(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return (value < 0 ? "−" : "") + String(digits)
}

/// A number with this many digits after the point: `3.142`.
package func fixed(_ value: Double, _ digits: Int) -> String { printed(value, as: "f", digits) }

/// A number with at most this many significant digits, with an exponent if it is short only with one: `0.05`, `1e-06`.
package func general(_ value: Double, _ digits: Int = 6) -> String { printed(value, as: "g", digits) }

/// A number with an exponent and this many digits after the point: `3e-04`.
package func exponential(_ value: Double, _ digits: Int) -> String { printed(value, as: "e", digits) }

/// A number as C's `printf` writes it.
///
/// - Parameters:
///   - conversion: One of `f`, `e` and `g`, or their capitals.
///   - digits: The precision: digits after the point, or with `g` significant ones.
package func printed(_ value: Double, as conversion: Character, _ digits: Int) -> String {
    String(format: "%.*\(conversion)", digits, value)
}

/// The shortest text of a number, without a point if it is whole: `3`, `0.25`.
package func shortest(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}
