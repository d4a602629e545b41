import Foundation
import NeuralCore

/// Numbers as people read them.
enum Figures {
    /// `1,234,567`.
    static func count(_ value: Int) -> String { grouped(value) }

    /// `950`, `38.2k`, `1.4M`, `2.0G`.
    static func short(_ value: Double) -> String {
        for (limit, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= limit {
            return fixed(value / limit, value < 100 * limit ? 1 : 0) + unit
        }
        return fixed(value, value < 10 ? 1 : 0)
    }

    /// `0:41`, `12:05`, `3:20:00`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(min(1e15, max(0, seconds.isFinite ? seconds : 0)).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0
            ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
    }

    /// `412 MB`, `1.9 GB`.
    static func bytes(_ value: Int) -> String { size(Double(value)) }

    /// A number of bytes that may be beyond any machine: `412 MB`, `1.9 GB`, `4,200 GB`.
    static func size(_ bytes: Double) -> String {
        if bytes >= 1e12 { return grouped(Int(min(1e18, bytes / 1e9))) + " GB" }
        return bytes >= 1e9 ? fixed(bytes / 1e9, 1) + " GB" : fixed(bytes / 1e6, 0) + " MB"
    }
}
