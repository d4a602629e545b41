import Reports
import Testing

@Suite struct TicksTests {
    @Test(
        arguments: [
            (0.0...10.0, ["0", "2", "4", "6", "8", "10"]),
            (0...1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (1.3...2.2, ["1.4", "1.6", "1.8", "2.0", "2.2"]), (-3...1, ["−3", "−2", "−1", "0", "1"]),
            (0...23_000, ["0", "5k", "10k", "15k", "20k"]), (0...3e6, ["0", "1M", "2M", "3M"]),
            (0...2.5e-5, ["0", "5e−6", "1e−5", "1.5e−5", "2e−5", "2.5e−5"]),
            (1000...1001, ["1000.0", "1000.2", "1000.4", "1000.6", "1000.8", "1001.0"]),
        ])
    func ticksStandAtGoodNumbers(range: ClosedRange<Double>, labels: [String]) {
        #expect(Ticks(range, atMost: 6).labels == labels)
    }

    @Test(arguments: [
        0.0...1e-300, -1e29...1e29, 1...1.000_000_000_000_1, 5...5, 0...Double.greatestFiniteMagnitude,
    ])
    func strangeRangesHaveFewTicks(range: ClosedRange<Double>) {
        let ticks = Ticks(range, atMost: 6)
        #expect(ticks.values.count <= 7 && ticks.values.count == ticks.labels.count)
        #expect(ticks.values.allSatisfy { $0.isFinite })
    }

    @Test(
        arguments: [
            (0.01...100.0, ["0.01", "0.1", "1", "10", "100"]), (1...40, ["1", "2", "5", "10", "20"]),
            (1...1e12, ["1", "100", "10k", "1M", "100M", "10G", "1T"]),
            (3...3.6, ["3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6"]),
        ])
    func logarithmicTicksArePowersOfTen(range: ClosedRange<Double>, labels: [String]) {
        #expect(Ticks(logarithmic: range, atMost: 7).labels == labels)
    }
}
