/// Consecutive elements in parts of about equal weight, for a step that is computed in parts.
extension Array {
    /// The places of the elements of each part: as many parts as asked for, fewer where there are too few elements, one at
    /// least.
    ///
    /// - Parameters:
    ///   - count: The number of parts, 1 or more.
    ///   - fewest: The fewest elements of a part.
    ///   - weight: The weight of an element, 0 or more.
    func evenParts(_ count: Int, ofAtLeast fewest: Int = 1, by weight: (Element) -> Int) -> [Range<Int>] {
        let parts = Swift.max(1, Swift.min(count, self.count / Swift.max(1, fewest)))
        guard parts > 1 else { return [0..<self.count] }
        var ends: [Int] = [0]
        for element in self { ends.append(ends[ends.count - 1] + weight(element)) }
        let total = ends[self.count]
        var begin = 0
        return (1...parts).map { number in
            // The cut nearest to the even one that leaves enough on both sides.
            let latest = self.count - (parts - number) * fewest
            var end = Swift.min(begin + fewest, latest)
            while end < latest,
                abs(ends[end + 1] * parts - total * number) <= abs(ends[end] * parts - total * number)
            {
                end += 1
            }
            if number == parts { end = self.count }
            defer { begin = end }
            return begin..<end
        }
    }
}

/// The number of parts that rows go through a model in: a multiple of `least`, and enough for about `rowsAtOnce` in each.
func partCount(ofRows rows: Int, rowsAtOnce: Int, atLeast least: Int) -> Int {
    let most = Swift.max(1, least) * Swift.max(1, Swift.min(rowsAtOnce, rows))
    return Swift.max(1, least) * Swift.max(1, (rows + most - 1) / most)
}
