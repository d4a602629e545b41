import Testing
import TextCorpus

@Suite struct ReadableTextTests {
    private func read(_ body: String) -> String { ReadableText(page: "<body>\(body)").text }

    @Test func headingsParagraphsAndBreaks() {
        #expect(
            read("<h1>One</h1><p>first\n  words</p><h2>Two</h2>loose<br>line<p>last") == """
                # One

                first words

                ## Two

                loose
                line

                last
                """)
    }

    /// What `innerText` of the element is in a browser, empty lines aside.
    @Test(arguments: [
        "<pre><div>let a = 1</div><div>  let b = 2</div><div>print(a)</div></pre>",
        "<pre><table><tr><td class=lineno>1<td>let a = 1<tr><td class=lineno>2<td>  let b = 2<tr><td>print(a)</table></pre>",
        "<pre><table><tr><td class=lineno><pre>1</pre><td><pre>let a = 1\n  let b = 2\nprint(a)</pre></table></pre>",
        "<pre><code><div class=line>let a = 1</div><div class=line>  let b = 2</div>print(a)</code></pre>",
        "<pre><ol><li>let a = 1<li>  let b = 2<li>print(a)</ol></pre>",
        "<pre><ul><li><p>let a = 1</p></li><li>  let b = 2</li></ul>print(a)</pre>",
        "<pre><p>let a = 1\n  let b = 2<p>print(a)</p></p></pre>",
        "<pre>let a = 1<br><span>  let b = 2</span><br>print(a)</pre>",
        "<pre><span>let a = 1</span>\n<span>  let b = 2</span>\n<section>print(a)</section></pre>",
    ]) func linesOfCodeAreOneBlock(page: String) {
        #expect(read(page + "<p>end") == "```\nlet a = 1\n  let b = 2\nprint(a)\n```\n\nend")
    }

    @Test func listsKeepTheirNumbersAndDepth() {
        #expect(
            read(
                "<ul><li>a<li>b<ul><li>c</li></ul></li><li><p>d</p><p>e</p></ul><ol start=3><li>f<li value=7>g</ol>"
            ) == """
                - a
                - b
                  - c
                - d

                  e

                3. f
                7. g
                """)
    }

    @Test func tablesKeepTheirCells() {
        #expect(
            read(
                "<table><caption>Times</caption><tr><th>step<th>min<tr><td>a|b<td>5<tr><td colspan=2>rest</table>"
            ) == """
                Times

                | step | min |
                | --- | --- |
                | a\\|b | 5 |
                | rest |  |
                """)
        #expect(
            read("<table><tr><th>x<th>y<th>z<tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>") == """
                | x | y | z |
                | --- | --- | --- |
                | 1 | 2 | 3 |
                |  | 4 | 5 |
                """)
    }

    @Test func tablesThatLayOutThePageAreText() {
        let long = String(repeating: "Nothing happened in the village. ", count: 10)
        #expect(
            read("<table><tr><td><h1>News</h1><td>\(long)</table>").hasPrefix("# News\n\nNothing happened"))
    }

    @Test func codeKeepsItsWhiteSpace() {
        #expect(
            read(
                "<pre><code class='hljs language-python'>def f(x):\n    if x &lt; 1:\n\n        return\n</code></pre>"
            ) == """
                ```python
                def f(x):
                    if x < 1:

                        return
                ```
                """)
        #expect(read("<p>use <code>a  b</code> and <kbd>q</kbd>") == "use `a b` and `q`")
    }

    @Test func quotationsTermsAndRules() {
        #expect(read("<blockquote><p>a<p>b</blockquote><p>c") == "> a\n>\n> b\n\nc")
        #expect(
            read("<dl><dt>yeast<dd>a fungus<dt>flour<dd>ground") == "yeast\n: a fungus\n\nflour\n: ground")
        #expect(read("a<hr>b") == "a\n\n---\n\nb")
    }

    @Test func smallLettersAndNotes() {
        #expect(
            read("H<sub>2</sub>O, m<sup>2</sup>, 2<sup>n − 1</sup>, x<sub>i</sub>, 1<sup>st</sup>")
                == "H₂O, m², 2^(n − 1), x_i, 1st")
        #expect(read("so it is<sup>[12]</sup>, he<sup><a href='#n'>3</a></sup> said") == "so it is, he said")
        #expect(read("<h2>Title<a href='#t'>¶</a></h2>text") == "## Title\n\ntext")
    }

    @Test func whatIsNotReadIsLeftOut() {
        #expect(
            read(
                """
                <script>if (a<b) document.write("<p>x</p>")</script><style>p{}</style><nav><a>Home</a></nav><noscript>no</noscript>\
                <svg><title>icon</title><text>t</text></svg><p hidden>h</p><p style="color:red; display : none">n</p><!-- c -->\
                <img alt="a picture"><select><option>o</select><button>b</button><textarea>t</textarea><iframe>f</iframe>\
                <footer>2020</footer><p aria-hidden="true">a<p>kept<template><p>t</p></template>
                """) == "kept")
    }

    @Test func framesAreLeftOutUnlessTheyAreThePage() {
        let text = "The village lay in a valley, and in the valley there was a river that never froze."
        #expect(
            read(
                "<p>\(text)</p><aside>ad</aside><div class='site-footer'>imprint</div><div id=cookieBanner>ok</div>"
            ) == text)
        #expect(read("<form><p>\(text)</p></form>") == text)
        #expect(read("<div class='navigation-wrapper'><p>\(text)</p></div>") == text)
        #expect(read("<p>\(text)</p><p>We use cookies. By continuing you accept them.</p>") == text)
    }

    @Test func menusAreLeftOut() {
        let menu = (1...5).map { "<li><a href=\($0)>Page \($0)</a>" }.joined()
        #expect(read("<h3>Pages</h3><ul>\(menu)</ul><p>Some text that is read.") == "Some text that is read.")
        #expect(read("<ul>\(menu)</ul>") == "")
    }

    @Test func mainGoesBeforeTheRest() {
        #expect(
            read("<div>outside</div><main><p>the content of the page</main><div>below</div>")
                == "the content of the page")
        #expect(
            read("<p>intro</p><article><p>the content of the page</article>") == "the content of the page")
    }

    @Test func theTitleBecomesTheHeading() {
        func titled(_ title: String, _ body: String) -> String {
            ReadableText(page: "<title>\(title)</title><body>\(body)").text
        }
        #expect(titled("Bread &amp; rolls | The Baker", "text") == "# Bread & rolls\n\ntext")
        #expect(titled("Bread - The Baker", "<h1>Bread</h1>text") == "# Bread\n\ntext")
        #expect(
            titled("X: The Gate", "<hgroup><h2>X</h2><p>The Gate</p></hgroup>text") == "# X: The Gate\n\ntext"
        )
        #expect(titled("Other", "<h1>Bread</h1>text") == "# Other\n\n# Bread\n\ntext")
    }

    @Test func emptyPagesAreEmpty() {
        #expect(read("") == "")
        #expect(read("<h1>Only a heading</h1>") == "")
        #expect(ReadableText(page: "").text == "")
    }

    @Test func theLanguageIsRead() {
        #expect(ReadableText(page: "<html lang=en-GB><body>text").language == "en")
        #expect(ReadableText(page: "<html xml:lang='de'><body>text").language == "de")
        #expect(ReadableText(page: "<body>text").language == nil)
    }

    @Test(arguments: [
        ("&eacute;&Eacute;&euro;&hellip;&alpha;&Omega;&rarr;&nbsp;x", "éÉ€…αΩ→\u{a0}x"),
        ("&#233;&#xE9;&#X20AC;", "éé€"),
        ("&#150;&#x93;", "–“"), ("&copy2024 &ampx &notit;", "©2024 &x ¬it;"),
        ("&unknown; & &; &#; &#x;", "&unknown; & &; &#; &#x;"),
        ("&#0;&#xD800;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"), ("&amp;lt;", "&lt;"),
    ]) func referencesAreReplaced(html: String, text: String) {
        #expect(read("x" + html) == "x" + text)
    }

    @Test func XHTMLClosesItsOwnElements() {
        let page =
            "<?xml version='1.0'?><html><head><script src='x'/><title>T</title></head><body><p/><p>te<![CDATA[<x> & y]]>xt</p></body></html>"
        #expect(ReadableText(page: page, isXML: true).text == "# T\n\nte<x> & yxt")
    }

    @Test(arguments: [
        "<p>a<b>b</p>c</b>d", "</p></div></table>text", "<table><p>a</table>b", "<a href='unclosed>x", "<",
        "<!", "<!--", "<!-->x",
        "<p a=1 a=2 = \"'>x</p>", "<ul><li><table><tr><td><ul><li>x", "&", "<tr><td>x</table></ul></dl>",
        "<script>never closed",
        "<title>never closed", "<hgroup><h1>x<div>y", "\u{0}\u{1}<\u{0}p>", "<p/ / / >x", "<![CDATA[x",
        "<?php echo 1 ?>x",
    ]) func brokenMarkupIsRead(html: String) {
        _ = read(html)
        _ = ReadableText(page: html, isXML: true)
    }

    @Test func nestingCostsNoStack() {
        let deep = String(repeating: "<div><b><ul><li><table><tr><td>", count: 5_000)
        #expect(read(deep + "the end of it all").contains("the end"))
        #expect(read(String(repeating: "<blockquote>", count: 50_000) + "deep").contains("deep"))
        // Scripts are recognized at any depth.
        #expect(!read(String(repeating: "<i>", count: 5_000) + "text<script>var x</script>").contains("var"))
    }

    /// Each of these would take hours if any byte were looked at again and again.
    @Test func hostilePagesCostNoMoreThanOthers() {
        for piece in [
            "<!--", "<![CDATA[", "<a b='", "<script>", "</b>", "<b>", "&amp", "<p x=y ", "<table>", "<li>",
            "<a>", "<dd>", "<sup>1",
        ] {
            _ = read(String(repeating: piece, count: 30_000))
        }
        _ = read("<p class='" + String(repeating: "x ", count: 1_000_000) + "'>text")
        _ = read("<table><tr>" + String(repeating: "<td colspan=1000000 rowspan=1000000>x", count: 10_000))
    }
}
