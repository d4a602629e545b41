public import JSON
internal import NeuralCore

/// What judgments say of models, raters and prompts.
public struct FeedbackResults: Sendable {
    /// A model among those that were compared.
    public struct Model: Hashable, Sendable {
        /// The name by which it was served.
        public let name: String
        /// By Bradley and Terry, a natural logarithm; the mean of all is zero.
        public let strength: Double
        /// The interval in which 95 of 100 resamples of the comparisons have the strength.
        public let interval: ClosedRange<Double>
        /// Thumbs up.
        public let up: Int
        /// Thumbs down.
        public let down: Int
        /// The mean length of its answers, in characters.
        public let meanLength: Double
    }

    /// The judgments that were counted.
    public let judgments: [Judgment]
    /// The models, the strongest first.
    public let models: [Model]
    /// Who won against whom, in the order of ``models``.
    public let table: WinTable
    /// Whether people agree.
    public let agreement: RaterAgreement
    /// Whether the longer answer wins.
    public let length: LengthBias

    /// The results of judgments.
    ///
    /// - Parameters:
    ///   - judgments: In the order in which they came.
    ///   - resamples: Resamples for the intervals; the same judgments always get the same ones.
    public init(_ judgments: [Judgment], resamples: Int = 500) {
        self.judgments = judgments
        // Two draws of one model say nothing about models.
        let games = judgments.filter { $0.isComparison && $0.answers[0].model != $0.answers[1].model }
        let names = Array(Set(judgments.flatMap { $0.answers.map(\.model) })).sorted()
        let fit = Self.fit(games, of: names, resamples: resamples)
        let order = names.indices.sorted { (fit.strengths[$0], names[$1]) > (fit.strengths[$1], names[$0]) }
        models = order.map { place in
            let name = names[place]
            let lengths = judgments.flatMap(\.answers).filter { $0.model == name }.map { $0.text.count }
            let thumbs = judgments.filter { !$0.isComparison && $0.answers[0].model == name }
            return Model(
                name: name, strength: fit.strengths[place], interval: fit.intervals[place],
                up: thumbs.count { $0.choice == .good }, down: thumbs.count { $0.choice == .bad },
                meanLength: Double(lengths.reduce(0, +)) / Double(max(1, lengths.count)))
        }
        table = Self.table(games, of: models.map(\.name))
        agreement = RaterAgreement(judgments)
        length = LengthBias(judgments)
    }

    private static func table(_ games: [Judgment], of names: [String]) -> WinTable {
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        var table = WinTable(names)
        for game in games {
            let sides = game.answers.map { places[$0.model]! }
            table.add(sides[0], sides[1], winner: game.better.map { sides[$0] })
        }
        return table
    }

    /// Strengths, and the intervals of the bootstrap's percentiles.
    private static func fit(
        _ games: [Judgment], of names: [String], resamples: Int
    ) -> (strengths: [Double], intervals: [ClosedRange<Double>]) {
        let strengths = BradleyTerry.strengths(of: table(games, of: names))
        guard !games.isEmpty, resamples > 0 else { return (strengths, strengths.map { $0...$0 }) }
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        let outcomes = games.map { game in
            let sides = game.answers.map { places[$0.model]! }
            return (sides[0], sides[1], game.better.map { sides[$0] })
        }
        var random = RandomSource(seed: 1)
        let fits = (0..<resamples).map { _ in
            var table = WinTable(names)
            for _ in outcomes {
                let (a, b, winner) = outcomes[random.integer(in: 0..<outcomes.count)]
                table.add(a, b, winner: winner)
            }
            return BradleyTerry.strengths(of: table)
        }
        let intervals = names.indices.map { place in
            let sorted = fits.map { $0[place] }.sorted()
            let tail = resamples / 40
            return sorted[tail]...sorted[resamples - 1 - tail]
        }
        return (strengths, intervals)
    }

    /// The results as the page of results reads them.
    public var json: JSONValue {
        let names = models.map { JSONValue.string($0.name) }
        func rows(_ cells: [[Int]]) -> JSONValue { .array(cells.map { .array($0.map(JSONValue.integer)) }) }
        let raters = Dictionary(grouping: judgments, by: \.rater).sorted {
            ($1.value.count, $0.key) < ($0.value.count, $1.key)
        }
        return [
            "judgments": .integer(judgments.count),
            "comparisons": .integer(judgments.count(where: \.isComparison)),
            "thumbs": .integer(judgments.count { !$0.isComparison }),
            "edits": .integer(judgments.count { $0.edit != nil }),
            "raters": .array(
                raters.map { ["rater": .string($0.key), "judgments": .integer($0.value.count)] }),
            "models": .array(
                models.map { model in
                    [
                        "model": .string(model.name), "strength": .number(model.strength),
                        "low": .number(model.interval.lowerBound), "high": .number(model.interval.upperBound),
                        "up": .integer(model.up), "down": .integer(model.down),
                        "mean_length": .number(model.meanLength),
                    ]
                }),
            "matrix": ["models": .array(names), "wins": rows(table.wins), "ties": rows(table.ties)],
            "agreement": agreement.json, "length": length.json,
        ]
    }
}
