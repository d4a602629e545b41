import Formatting
import Testing

@Suite struct NumbersTests {
    @Test func aNounAgreesWithItsNumber() {
        #expect(counted(1, "record") == "1 record")
        #expect(counted(0, "record") == "0 records")
        #expect(counted(1_234, "record") == "1,234 records")
        #expect(counted(2, "query", plural: "queries") == "2 queries")
    }

    @Test func digitsStandInThrees() {
        #expect(grouped(999) == "999")
        #expect(grouped(-1_000) == "−1,000")
        #expect(grouped(.max) == "9,223,372,036,854,775,807")
        #expect(grouped(.min) == "−9,223,372,036,854,775,808")
    }
}
