import Behavior
import NeuralCore
import Testing

@Suite struct StatisticsTests {
    @Test func perfectConfidenceHasNoCalibrationError() {
        let calibration = Calibration([(1, true), (1, true), (0, false)])
        #expect(calibration.expectedError == 0 && calibration.count == 3)
        #expect(Calibration([]).expectedError == nil)
    }

    @Test func calibrationErrorIsTheWeightedGap() throws {
        // 4 answers with 0.9 of which 2 are right, 1 with 0.3 that is right: 0.8 · 0.4 + 0.2 · 0.7.
        let calibration = Calibration([(0.9, true), (0.9, true), (0.9, false), (0.9, false), (0.3, true)])
        #expect(abs(try #require(calibration.expectedError) - (0.8 * 0.4 + 0.2 * 0.7)) < 1e-12)
    }

    @Test func bootstrapCoversTheMeanAndRepeats() throws {
        let samples = (0..<50).map { Double($0 % 10) }
        var random = RandomSource(seed: 1)
        let interval = try #require(Bootstrap.interval(ofMean: samples, using: &random))
        // The mean is 4.5 and the deviation 2.9, so the 95 % interval reaches about 0.8 to each side.
        #expect(
            interval.contains(4.5) && abs(interval.lowerBound - 3.7) < 0.25
                && abs(interval.upperBound - 5.3) < 0.25)
        var again = RandomSource(seed: 1)
        #expect(Bootstrap.interval(ofMean: samples, using: &again) == interval)
        #expect(Bootstrap.interval(ofMean: [], using: &again) == nil)
    }
}
