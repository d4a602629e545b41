import Formatting
import Testing

@Suite struct NumberStyleTests {
    @Test(
        arguments: [
            (NumberStyle.significant(3), 2.3141, "2.31"), (.significant(3), 0.00031, "3.1e−4"),
            (.significant(2), 12_400, "12\u{202F}400"), (.significant(3), -0.5, "−0.500"),
            (.significant(3), 0, "0"),
            (.fixed(1), -0.01, "0.0"), (.integer, 1234, "1234"),
            (.integer, 1_234_567, "1\u{202F}234\u{202F}567"),
            (.percent, 0.9314, "93.1\u{202F}%"), (.compact, 1_240_000, "1.24\u{202F}M"),
            (.compact, 999.6, "1.00\u{202F}k"),
            (.compact, 12, "12"), (.bytes, 1_288_490_189, "1.29\u{202F}GB"), (.bytes, 512, "512\u{202F}B"),
            (.duration, 252, "4\u{202F}min 12\u{202F}s"), (.duration, 7_260, "2\u{202F}h 1\u{202F}min"),
            (.duration, 0.25, "0.2\u{202F}s"), (.significant(3), .nan, "–"), (.bytes, .infinity, "–"),
            (.duration, -1e300, "−1e300\u{202F}s"), (.integer, 1e300, "1e300"),
            (.short, 950, "950"), (.short, 9.5, "9.5"), (.short, 38_200, "38.2k"), (.short, 2e9, "2.0G"),
            (.clock, 41, "0:41"), (.clock, 12_000, "3:20:00"), (.memory, 412e6, "412 MB"),
            (.memory, 1.9e9, "1.9 GB"), (.memory, 4.2e12, "4,200 GB"), (.size, 1, "1 byte"),
            (.size, 999, "999 bytes"), (.size, 1_290_000_000, "1.29 GB"), (.size, 2e6, "2 MB"),
        ])
    func numbersReadWell(style: NumberStyle, value: Double, text: String) {
        #expect(style.string(value) == text)
    }
}
