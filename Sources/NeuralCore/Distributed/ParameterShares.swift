/// Which rank updates which parameter where the states of an optimizer are dealt out: whole parameters, the largest first, each
/// to the rank that has the fewest elements so far.
///
/// - SeeAlso: ZeRO-1, [Rajbhandari et al. 2019](https://arxiv.org/abs/1910.02054), section 5.1. Departure: a parameter is not cut, so
///   that an optimizer such as Muon sees whole matrices.
package struct ParameterShares: Sendable, Hashable {
    /// The rank of each parameter, in the order of the visit.
    package let owners: [Int]
    private let counts: [Int]
    private let names: [String]
    private let size: Int

    /// Deals the parameters of a model out.
    package init(of model: some Module, among size: Int) {
        let parameters = model.parameters
        counts = parameters.map(\.value.count)
        names = parameters.map(\.name)
        self.size = size
        var (owners, loads) = (counts.map { _ in 0 }, [Int](repeating: 0, count: size))
        let counts = counts
        for place in counts.indices.sorted(by: { (counts[$1], $0) < (counts[$0], $1) }) {
            let rank = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            owners[place] = rank
            loads[rank] += counts[place]
        }
        self.owners = owners
    }

    /// The names of the parameters of a rank.
    package func names(of rank: Int) -> Set<String> {
        Set(zip(names, owners).filter { $0.1 == rank }.map(\.0))
    }

    /// The parameters by their ranks, in the order of the visit within one.
    var order: [Int] { ordered(Array(owners.indices)) }

    /// The elements of each rank, where the parameters follow one another in ``order``.
    var ranges: [Range<Int>] { ranges(of: Array(owners.indices)) }

    /// Some of the parameters by their ranks, in the order of the visit within one.
    func ordered(_ parameters: [Int]) -> [Int] { parameters.sorted { (owners[$0], $0) < (owners[$1], $1) } }

    /// The elements of each rank among some of the parameters, where these follow one another by their ranks.
    func ranges(of parameters: [Int]) -> [Range<Int>] {
        var sums = [Int](repeating: 0, count: size)
        for parameter in parameters { sums[owners[parameter]] += counts[parameter] }
        var end = 0
        return sums.map { sum in
            defer { end += sum }
            return end..<end + sum
        }
    }

    /// Whether no rank has more than a quarter above its share of the elements of some parameters: as much more it would receive than
    /// the others, who would wait for it.
    func areEven(_ parameters: [Int]) -> Bool {
        let sums = ranges(of: parameters).map(\.count)
        return 4 * size * (sums.max() ?? 0) <= 5 * sums.reduce(0, +)
    }
}
