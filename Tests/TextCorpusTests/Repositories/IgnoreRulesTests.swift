import Testing
import TextCorpus

/// The expectations are what `git check-ignore` says.
@Suite struct IgnoreRulesTests {
    private func ignores(_ rules: String, _ path: String) -> Bool {
        var stack = IgnoreStack()
        stack.enter(depth: 0)
        stack.add(IgnoreRules(rules), depth: 0)
        return stack.ignores(
            path.hasSuffix("/") ? String(path.dropLast()) : path, isFolder: path.hasSuffix("/"))
    }

    @Test(arguments: [
        // names at any depth
        ("*.o", "a.o", true), ("*.o", "src/a.o", true), ("*.o", "a.oo", false), ("foo", "a/b/foo", true),
        ("foo", "foobar", false),
        // anchors
        ("/foo", "foo", true), ("/foo", "a/foo", false), ("a/b", "a/b", true), ("a/b", "x/a/b", false),
        ("doc/*.txt", "doc/a.txt", true),
        ("doc/*.txt", "doc/x/a.txt", false),
        // folders
        ("build/", "build/", true), ("build/", "build", false), ("build/", "a/build/", true),
        ("/a/b/", "a/b/", true),
        // question marks and brackets
        ("?.c", "a.c", true), ("?.c", "ab.c", false), ("[a-c].c", "b.c", true), ("[!a-c].c", "b.c", false),
        ("[^a-c].c", "d.c", true),
        ("[]].c", "].c", true), ("[a\\]].c", "].c", true), ("[[:digit:]]x", "4x", true),
        ("[[:upper:]]x", "ax", false), ("[a", "[a", false),
        ("a[/]b", "a/b", false),
        // two asterisks
        ("**/foo", "foo", true), ("**/foo", "a/b/foo", true), ("**/foo/bar", "a/foo/bar", true),
        ("abc/**", "abc/", false),
        ("abc/**", "abc/x/y", true), ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true),
        ("a/**/b", "x/a/b", false),
        ("a**b", "axxb", true), ("a**b", "a/b", false), ("**", "x/y", true), ("a/**/**/b", "a/b", true),
        ("**/**", "a", true),
        // negation, comments, escapes, spaces
        ("*.c\n!keep.c", "keep.c", false), ("!keep.c\n*.c", "keep.c", true), ("# x\n", "# x", false),
        ("\\#x", "#x", true),
        ("\\!x", "!x", true), ("x  ", "x", true), ("x\\ ", "x ", true), ("\\*x", "*x", true),
        ("\\*x", "ax", false), ("x\\", "x", false),
        ("\n\n  \n", "x", false), ("x\r\ny", "x", true), ("a\u{c}b", "b", false), ("*", ".hidden", true),
        ("/*\n!/a", "a", false), ("/*\n!/a", "b", true),
    ]) func matches(rules: String, path: String, expected: Bool) {
        #expect(ignores(rules, path) == expected)
    }

    @Test func nearerRulesGoBeforeThoseAbove() {
        var stack = IgnoreStack()
        stack.enter(depth: 0)
        stack.add(IgnoreRules("*.log"), depth: 0)
        stack.enter(depth: 1)
        stack.add(IgnoreRules("!keep.log\n/top"), depth: 1)
        #expect(stack.ignores("sub/a.log", isFolder: false))
        #expect(!stack.ignores("sub/keep.log", isFolder: false))
        #expect(stack.ignores("sub/top", isFolder: false))
        #expect(!stack.ignores("sub/x/top", isFolder: false))
        stack.enter(depth: 1)  // the next folder at the top
        #expect(stack.ignores("other/keep.log", isFolder: false))
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstRule() {
        #expect(ignores("\u{feff}*.log\nb.txt\n", "a.log"))
        #expect(ignores("\u{feff}*.log\nb.txt\n", "b.txt"))
        #expect(!ignores("*.log\n\u{feff}b.txt\n", "b.txt"))
    }

    @Test func asterisksCostNoMoreThanTheirNumber() {
        let pattern = String(repeating: "*a", count: 200) + "b"
        #expect(!ignores(pattern, String(repeating: "a", count: 5_000)))
        let folders = String(repeating: "**/x/", count: 200) + "y"
        #expect(!ignores(folders, String(repeating: "x/", count: 2_000) + "z"))
    }
}
