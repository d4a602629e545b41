import Conversations
import Foundation
import TestSupport
import Testing

@Suite struct TextTemplateTests {
    /// Small templates with what jinja2 made of them; `Fixtures/jinja_snippets.py` writes them.
    private static let snippets: JSONValue = {
        let data = try? Data(contentsOf: TestFiles.fixtures().appending(path: "jinja_snippets.json"))
        return (try? JSONValue(parsing: Array(data ?? Data()))) ?? .null
    }()

    @Test func snippetsRenderAsInJinja() throws {
        let context = try #require(Self.snippets["context"]?.object)
        let entries = try #require(Self.snippets["entries"]?.array)
        #expect(entries.count > 100)
        for entry in entries {
            let template = try #require(entry["template"]?.string)
            do {
                let text = try JinjaTemplate(template).rendered(with: context).text
                if entry["fails"]?.bool == true {
                    Issue.record("\(template) should fail (\(entry["why"]?.string ?? "")), gave \(text)")
                } else {
                    let expected = try #require(entry["expected"]?.string)
                    #expect(text.utf8.elementsEqual(expected.utf8), "\(template)\n\(text)\n\(expected)")
                }
            } catch let error as JinjaError {
                #expect(entry["fails"]?.bool == true, "\(template): \(error)")
            }
        }
    }

    @Test func errorsNameTheirLine() {
        #expect(throws: JinjaError.failed(line: 3, reason: "'b' is undefined")) {
            try JinjaTemplate("{% if true %}\n\n{{ b.c }}{% endif %}").rendered(with: [:])
        }
        #expect(throws: JinjaError.unsupported(line: 2, construct: "the filter 'pprint'")) {
            try JinjaTemplate("\n{{ 1 | pprint }}")
        }
        #expect(throws: JinjaError.unsupported(line: 1, construct: "the statement 'include'")) {
            try JinjaTemplate("{% include 'x' %}")
        }
        #expect(throws: JinjaError.raised(line: 1, message: "no")) {
            try JinjaTemplate("{{ raise_exception('no') }}").rendered(with: [:])
        }
    }

    @Test func generationBlocksAreMeasuredInBytes() throws {
        let template = try JinjaTemplate(
            "é{% generation %}ü{{ x }}{% endgeneration %}!{% generation %}{% endgeneration %}")
        let output = try template.rendered(with: ["x": "😀"])
        #expect(output.text == "éü😀!" && output.generated == [2..<8, 9..<9])
        #expect(template.marksGeneration)
        #expect(try !JinjaTemplate("{{ x }}").marksGeneration)
    }

    @Test func datesAreWrittenAsInPython() throws {
        let parts = DateComponents(
            calendar: Calendar(identifier: .gregorian), year: 2024, month: 7, day: 5, hour: 15, minute: 4)
        let date = try #require(parts.date)
        let text = try JinjaTemplate("{{ strftime_now('%d %b %Y|%A %B %-d|%H:%M %I %p|%y %j %%') }}")
            .rendered(with: [:], date: date).text
        #expect(text == "05 Jul 2024|Friday July 5|15:04 03 PM|24 187 %")
    }

    /// Each of these would take for ever, fill the memory or overflow the stack, were it not for the limits.
    @Test(arguments: [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x | length }}",
        "{{ 'a' * 99999999999999 }}",
        "{{ [1] * 999999999 }}",
        "{{ 'aaaaaaaaaaaa'.replace('', 'b' * 9999999).replace('', 'c' * 99999) }}",
        "{{ '%99999999999d' % 1 }}",
        "{{ 'a'.center(999999999999) }}",
        "{{ 'a'.ljust(99999999999, 'b') }}",
        "{{ range(999999999) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
        "{{ ('a' * 1000000).count(('a' * 500000) ~ 'b') }}",
        "{{ 9999999999 ** 9 }}", "{{ 2 ** 99999999999 }}", "{{ 'a' | indent(99999999999) }}",
    ])
    func hostileTemplatesAreStopped(_ source: String) throws {
        let template = try JinjaTemplate(source)
        var limits = JinjaLimits()
        limits.steps = 200_000
        limits.bytes = 1 << 24
        #expect(throws: JinjaError.self) { try template.rendered(with: [:], limits: limits) }
    }

    @Test func deepSourcesAreStopped() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{'a': ", "}"), ("not ", ""), ("-", "")] {
            let source =
                "{{ " + String(repeating: open, count: 100_000) + "1"
                + String(repeating: close, count: 100_000) + " }}"
            #expect(throws: JinjaError.self) { try JinjaTemplate(source) }
        }
        let blocks = String(repeating: "{% if true %}", count: 100_000)
        #expect(throws: JinjaError.self) { try JinjaTemplate(blocks) }
        let chain = "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}"
        #expect(throws: JinjaError.self) { try JinjaTemplate(chain).rendered(with: [:]) }
    }

    @Test func namespacesAndMacrosLetGoOfEachOther() throws {
        let source =
            "{% set ns = namespace() %}{% set ns.self = ns %}{% macro m() %}{% endmacro %}{% set ns.m = m %}ok"
        #expect(try JinjaTemplate(source).rendered(with: [:]).text == "ok")
    }

    @Test func everyTruncationAndEveryByteIsSurvived() throws {
        let source =
            "{% for m in x if m %}{{ m['a'] | trim ~ 'b' }}{% set n.a = {'k': [1, (2,)]} %}{%- else -%}{# c #}{% endfor %}"
        let scalars = Array(source.unicodeScalars)
        for length in 0..<scalars.count {
            _ = try? JinjaTemplate(String(String.UnicodeScalarView(scalars[..<length]))).rendered(with: [
                "x": [1]
            ])
            var changed = scalars
            for replacement in "{}%#'(-|\\0a\n".unicodeScalars {
                changed[length] = replacement
                _ = try? JinjaTemplate(String(String.UnicodeScalarView(changed))).rendered(with: ["x": [1]])
            }
        }
    }

    /// jinja2 reads the text as a number with a point where Python's `int` refuses the base.
    @Test(arguments: ["-5", "1", "37", "2147483647"])
    func aBaseThatIsNoneIsPassedOver(base: String) throws {
        let template = try JinjaTemplate("{{ 'ff' | int(base=\(base)) }} {{ '10' | int(base=\(base)) }}")
        #expect(try template.rendered(with: [:]).text == "0 10")
    }
}
