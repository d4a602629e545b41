import Foundation

/// A number of things with its noun: `1 record`, `1,234 records`.
///
/// - Parameters:
///   - noun: One of them.
///   - plural: Several of them, where an s does not make it.
package func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    grouped(count) + " " + (count == 1 ? noun : plural ?? noun + "s")
}

/// A whole number with its digits in threes: `1,234,567`.
package func grouped(_ value: Int) -> String {
    var digits = Array(String(value.magnitude))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return (value < 0 ? "−" : "") + String(digits)
}

/// A number with that many digits after the point: `3.142`.
package func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.*f", digits, value) }
