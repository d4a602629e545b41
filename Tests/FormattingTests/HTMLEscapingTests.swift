import Formatting
import Testing

@Suite struct HTMLEscapingTests {
    /// The expected texts are those of `markupsafe.escape` and, for both quotes, of `html.escape` with `&#39;` for its
    /// `&#x27;`.
    @Test func everySetReplacesItsCharacters() {
        let text = "<a href=\"x\">Tom & 'Jörg' &amp;</a>"
        #expect(HTMLEscaping.tags.escaped(text) == "&lt;a href=\"x\">Tom & 'Jörg' &amp;&lt;/a>")
        #expect(
            HTMLEscaping.doubleQuotes.escaped(text)
                == "&lt;a href=&quot;x&quot;&gt;Tom &amp; 'Jörg' &amp;amp;&lt;/a&gt;")
        #expect(
            HTMLEscaping.quotes.escaped(text)
                == "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jörg&#39; &amp;amp;&lt;/a&gt;")
        #expect(
            HTMLEscaping.markupSafe.escaped(text)
                == "&lt;a href=&#34;x&#34;&gt;Tom &amp; &#39;Jörg&#39; &amp;amp;&lt;/a&gt;")
    }
}
