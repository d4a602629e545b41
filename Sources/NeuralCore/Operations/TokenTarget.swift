/// A token that a language model is asked to predict, and the row of its activations that predicts it.
///
/// Several targets may share a row: the last row of a shared prompt predicts the first token of each continuation.
public struct TokenTarget: Sendable, Hashable {
    /// The row of the activations from which the token is predicted.
    public var row: Int32

    /// The correct token.
    public var token: Int32

    /// Weight of this target's loss, in nats, in the total; such as one over the number of targets in a step.
    public var weight: Float

    /// A target for a row.
    public init(row: Int32, token: Int32, weight: Float = 1) {
        self.row = row
        self.token = token
        self.weight = weight
    }
}

/// Targets in the order of their rows, and the rows that have any.
///
/// The head runs only where a target asks for it.
struct TargetTable: Sendable {
    /// Rows of the activations with at least one target, ascending.
    private(set) var rows: [Int32] = []
    /// The targets of the row at position `i` of `rows` are `begins[i]..<begins[i + 1]`, of those in order.
    private(set) var begins: [Int] = [0]
    /// The position of each of the caller's targets in the order of rows.
    private(set) var places: [Int] = []
    /// In the order of rows.
    private(set) var tokens: [Int32] = []

    init(_ targets: [TokenTarget], rowCount: Int, vocabularySize: Int) {
        var order = Array(targets.indices)
        if !zip(targets, targets.dropFirst()).allSatisfy({ $0.row <= $1.row }) {
            order.sort { (targets[$0].row, $0) < (targets[$1].row, $1) }
        }
        places = [Int](repeating: 0, count: targets.count)
        tokens.reserveCapacity(targets.count)
        for index in order {
            let target = targets[index]
            guard 0 <= target.row, Int(target.row) < rowCount, 0 <= target.token,
                Int(target.token) < vocabularySize
            else {
                misuse(
                    "a target asks row \(target.row) of \(rowCount) for token \(target.token) of "
                        + "\(vocabularySize)")
            }
            if rows.last != target.row {
                rows.append(target.row)
                begins.append(begins[rows.count - 1])
            }
            begins[rows.count] += 1
            places[index] = tokens.count
            tokens.append(target.token)
        }
    }

    /// Whether every row has a target, so that nothing needs to be picked.
    func coversAll(_ rowCount: Int) -> Bool { rows.count == rowCount }

    /// Values by target, in the order of the caller, put in the order of rows.
    func ordered<Value>(_ values: [Value]) -> [Value] {
        var result = values
        for (value, place) in zip(values, places) { result[place] = value }
        return result
    }

    /// Values in the order of rows, put in the order of the caller.
    func restored<Value>(_ values: [Value]) -> [Value] { places.map { values[$0] } }

    /// The position among `rows` of each target's row, in the order of rows.
    func rowOfEachTarget() -> [Int32] {
        rows.indices.flatMap { row in repeatElement(Int32(row), count: begins[row + 1] - begins[row]) }
    }

    /// The sum over each row's targets of values in the order of rows.
    func rowSums(_ values: [Float]) -> [Float] {
        rows.indices.map { row in values[begins[row]..<begins[row + 1]].reduce(0, +) }
    }
}
