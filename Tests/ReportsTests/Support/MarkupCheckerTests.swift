import Testing

@Suite struct MarkupCheckerTests {
    @Test func soundPagePasses() {
        #expect(
            MarkupChecker("<!DOCTYPE html>\n<p class=\"a\">x &amp; y<line x1=\"0\"/></p>").complaints == [])
    }

    @Test(
        arguments: [
            "<p>", "</p>", "<p><b></p></b>", "<p class=a></p>", "<p>a & b</p>", "<p>a > b</p>",
            "<p title=\"<\"></p>",
            "<p title=\"a\" b\"></p>", "<></>",
        ])
    func brokenPageFails(page: String) {
        #expect(!MarkupChecker(page).complaints.isEmpty)
    }
}
