internal import Foundation

/// Wins and ties between models that were compared.
public struct WinTable: Hashable, Sendable {
    /// The models, by name.
    public let models: [String]
    /// How often each model, a row, won against each other, a column.
    public private(set) var wins: [[Int]]
    /// How often each two were equally good or bad: symmetric.
    public private(set) var ties: [[Int]]

    /// A table of models that have met nobody.
    public init(_ models: [String]) {
        self.models = models
        wins = Array(repeating: Array(repeating: 0, count: models.count), count: models.count)
        ties = wins
    }

    /// Enters a comparison.
    ///
    /// - Parameters:
    ///   - a: The place of one model.
    ///   - b: The place of the other.
    ///   - winner: The winner's place, or nil of a tie.
    public mutating func add(_ a: Int, _ b: Int, winner: Int?) {
        switch winner {
        case a: wins[a][b] += 1
        case b: wins[b][a] += 1
        default:
            ties[a][b] += 1
            ties[b][a] += 1
        }
    }

    /// The points of each model against each other, where a win is one and a tie half.
    var points: [[Double]] {
        models.indices.map { row in
            models.indices.map { Double(wins[row][$0]) + Double(ties[row][$0]) / 2 }
        }
    }
}

/// The strengths of models by which model `i` wins against `j` with the probability
///
///     1 / (1 + exp(strength[j] − strength[i]))
///
/// - SeeAlso: Bradley & Terry 1952; fitted as by [Hunter 2004](https://doi.org/10.1214/aos/1079120141), Eq. 3.
///   Departures: a tie is half a win for both, and one tie is added between any two that have met, without which a model
///   that never lost would be infinitely strong.
public enum BradleyTerry {
    /// The strengths that make the outcomes most likely, natural logarithms with the mean zero.
    ///
    /// - Complexity: O(models² · rounds); the rounds end when no strength moves by more than 1e-10, or at 10,000.
    public static func strengths(of table: WinTable) -> [Double] {
        var points = table.points
        let models = table.models.indices
        let met = models.map { i in models.map { points[i][$0] + points[$0][i] } }
        for i in models {
            for j in models where met[i][j] > 0 { points[i][j] += 0.5 }
        }
        let won = points.map { $0.reduce(0, +) }
        let games = models.map { i in models.map { points[i][$0] + points[$0][i] } }
        var worth = models.map { _ in 1.0 }
        for _ in 0..<10_000 {
            var next = models.map { i -> Double in
                let sum = models.reduce(0.0) { $1 == i ? $0 : $0 + games[i][$1] / (worth[i] + worth[$1]) }
                return sum == 0 ? 1 : won[i] / sum
            }
            let mean = next.reduce(0) { $0 + log($1) } / Double(max(1, next.count))
            for i in models { next[i] /= exp(mean) }
            let moved = models.contains { abs(log(next[$0] / worth[$0])) > 1e-10 }
            worth = next
            guard moved else { break }
        }
        return worth.map { log($0) }
    }
}
