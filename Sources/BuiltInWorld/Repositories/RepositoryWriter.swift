public import Foundation

extension World {
    /// Writes code repositories as a new `folder`, with about `characters` of text worth reading in them.
    @discardableResult
    public func writeRepositories(to folder: URL, characters: Int) throws(WorldError) -> Written {
        try Disk.fill(folder) { partial throws(WorldError) in
            var writer = RepositoryWriter(town, into: partial, using: random.stream("repositories"))
            return try writer.write(characters: characters)
        }
    }
}

/// Puts the code that people in town write on disk: many small packages.
struct RepositoryWriter {
    private var files: FolderWriter
    private let town: Town
    private var random: WorldRandom
    private var families: Deck<Snippet.Family>
    private var nouns: Deck<CodeNoun>
    private var owners: Deck<Words>

    init(_ town: Town, into folder: URL, using source: WorldRandom) {
        files = FolderWriter(folder)
        self.town = town
        random = source.stream("repositories")
        families = Deck(Snippet.families, using: source.stream("families"))
        nouns = Deck(CodeNoun.all, using: source.stream("nouns"))
        owners = Deck(town.residents.map(town.words(for:)), using: source.stream("owners"))
    }

    /// Writes packages until there are `characters` to read.
    mutating func write(characters: Int) throws(WorldError) -> Written {
        var number = 0
        while files.written.characters < characters {
            try writePackage(number)
            number += 1
        }
        return files.written
    }

    /// A snippet that no other in this package collides with.
    private mutating func snippet(_ noun: CodeNoun, _ taken: inout Set<String>) -> Snippet {
        while true {
            let snippet = families.deal()(random.chance(0.6) ? noun : nouns.deal(), &random)
            if taken.insert(snippet.name).inserted { return snippet }
        }
    }

    private mutating func writePackage(_ number: Int) throws(WorldError) {
        let noun = nouns.deal()
        let kind = random.pick(["Tools", "Ledger", "Helper", "Counter", "Box", "Desk", "Book"])
        let module = noun.One + kind
        let root = "\(noun.one)-\(kind.lowercased())-\(number)"
        var taken: Set<String> = []
        var shown: [Snippet] = []
        for file in 1...random.number(in: 3...5) {
            let snippets = (0..<random.number(in: 2...4)).map { _ in snippet(noun, &taken) }
            let name = English.capitalized(snippets[0].name)
            let source = snippets.map(\.documented).joined(separator: "\n\n") + "\n"
            try save(header(file, module) + source, "\(root)/Sources/\(module)/\(name).swift")
            try save(
                tests(of: snippets, named: name, module), "\(root)/Tests/\(module)Tests/\(name)Tests.swift")
            shown.append(snippets[0])
        }
        try save(readme(module, noun, shown), "\(root)/README.md")
        try save(manifest(module), "\(root)/Package.swift")
        try saveClutter(root, owner: owners.deal())
    }

    private mutating func header(_ file: Int, _ module: String) -> String {
        guard random.chance(0.3) else { return "" }
        return random.pick([
            "// Part \(file) of \(module).\n\n", "// \(module), made in \(town.name).\n\n",
            "// See README.md for how to use this.\n\n",
        ])
    }

    private func tests(of snippets: [Snippet], named name: String, _ module: String) -> String {
        var text = "import Testing\n\n@testable import \(module)\n\nstruct \(name)Tests {\n"
        text += snippets.map { snippet in
            let lines = snippet.expectations.map { "        #expect(\($0.call) == \($0.value))\n" }
            return "    @Test func \(Self.testName(snippet.name))() {\n" + lines.joined() + "    }\n"
        }.joined(separator: "\n")
        return text + "}\n"
    }

    private static func testName(_ name: String) -> String {
        "test" + English.capitalized(name)
    }

    private mutating func readme(_ module: String, _ noun: CodeNoun, _ snippets: [Snippet]) -> String {
        let owner = owners.deal()
        let opening = Template(
            "[A small package|A few Swift functions|Small helpers] for [counting and selling|everybody who works with|all who deal in] {many}."
        ).rendered(with: Words(["many": noun.many]), using: &random)
        let story = random.pick(
            [
                "{name}, {a job} in {town}, needed it and wrote it in one evening.",
                "Written by {name} of {street}, who is {a job} and learned Swift last winter.",
                "It started when {name} got tired of {doing} without a computer.",
                "{name} uses it every day at work as {a job}.",
            ] as [Template]
        ).rendered(with: owner, using: &random)
        var text = "# \(module)\n\n\(opening) \(story)\n\n## What it does\n\n"
        for snippet in snippets { text += "- `\(snippet.name)` \(snippet.purpose).\n" }
        let example = snippets[0]
        text += "\n## Example\n\n```swift\nimport \(module)\n\nlet result = \(example.expectations[0].call)\n"
        text += "// result is \(example.expectations[0].value)\n```\n\n## Tests\n\nRun `swift test`.\n\n"
        return text + "## License\n\nMIT, see LICENSE.\n"
    }

    private func manifest(_ module: String) -> String {
        """
        // swift-tools-version: 6.0
        import PackageDescription

        let package = Package(
            name: "\(module)",
            targets: [
                .target(name: "\(module)"),
                .testTarget(name: "\(module)Tests", dependencies: ["\(module)"]),
            ]
        )

        """
    }

    /// The clutter of repositories, which teaches nothing.
    private mutating func saveClutter(_ root: String, owner: Words) throws(WorldError) {
        try save(License.mit(holder: owner["name"] ?? town.name), "\(root)/LICENSE", counts: false)
        try save(".build/\n*.o\n", "\(root)/.gitignore", counts: false)
        try save("{\n  \"pins\" : [ ],\n  \"version\" : 2\n}\n", "\(root)/Package.resolved", counts: false)
        if random.chance(0.2) {
            let line = (0..<80).map { "function f\($0)(a,b){return a*\($0)+b}" }.joined()
            try save(line + "\n", "\(root)/vendor/legacy.min.js", counts: false)
        }
        if random.chance(0.2) { try save("object file\n", "\(root)/.build/debug.o", counts: false) }
    }

    private mutating func save(_ text: String, _ path: String, counts: Bool = true) throws(WorldError) {
        try files.save(text, path, worth: counts ? text.utf8.count : 0)
    }
}

enum License {
    static func mit(holder: String) -> String {
        """
        MIT License

        Copyright (c) \(holder)

        Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
        documentation files (the "Software"), to deal in the Software without restriction, including without limitation
        the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
        to permit persons to whom the Software is furnished to do so, subject to the following conditions:

        The above copyright notice and this permission notice shall be included in all copies or substantial portions of
        the Software.

        THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
        THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
        AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
        CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
        IN THE SOFTWARE.

        """
    }
}
