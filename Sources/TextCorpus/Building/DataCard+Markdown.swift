import Formatting
import NeuralCore

extension DataCard {
    /// The card for people.
    public func markdown() -> String {
        var text = "# Data card\n\n"
        let kept = sources.reduce(into: Tally()) {
            $0.documents += $1.kept.documents
            $0.bytes += $1.kept.bytes
        }
        text += """
            Of \(counted(input.documents, "document")) (\(Self.size(input.bytes))) that came in, \
            \(grouped(kept.documents)) were kept (\(Self.size(kept.bytes)) of text). The training part has \
            \(counted(training.documents, "document")) (\(Self.size(training.bytes))), the validation part \
            \(grouped(validation.documents)) (\(Self.size(validation.bytes))).\n\n
            """
        text += "## Sources\n\n"
        text += Self.table(
            ["source", "read as", "came in", "size", "kept", "text kept", "errors"],
            sources.map {
                [
                    Self.escaped($0.name), $0.format, grouped($0.input.documents),
                    Self.size($0.input.bytes),
                    grouped($0.kept.documents), Self.size($0.kept.bytes), grouped($0.problems),
                ]
            })
        text += "\n## Kinds\n\n"
        let kinds = Set(training.kinds.keys).union(validation.kinds.keys).sorted()
        text += Self.table(
            ["kind", "training", "size", "share", "validation", "size"],
            kinds.map { kind in
                let (train, test) = (training.kinds[kind] ?? Tally(), validation.kinds[kind] ?? Tally())
                return [
                    Self.escaped(kind), grouped(train.documents), Self.size(train.bytes),
                    Self.percent(train.bytes, training.bytes), grouped(test.documents),
                    Self.size(test.bytes),
                ]
            })
        if !weights.isEmpty {
            text += "\nWeights asked for: "
            text +=
                weights.sorted { $0.key < $1.key }.map {
                    "\(Self.escaped($0.key)) \(Self.percent($0.value.share)) "
                        + "(\(NumberStyle.rounded($0.value.passes)) \($0.value.passes == 1 ? "pass" : "passes"))"
                }.joined(separator: ", ") + ".\n"
        }
        text += droppedSection() + removedSection() + repairsSection() + contaminationSection()
        text += Self.section("Languages", languages) + Self.section("Licenses", licenses)
        text += settingsSection() + problemsSection()
        return text
    }

    private func droppedSection() -> String {
        let dropped = dropped.sorted { ($1.value.documents, $0.key) < ($0.value.documents, $1.key) }
        guard !dropped.isEmpty else { return "\n## Dropped\n\nNothing.\n" }
        var text = "\n## Dropped\n\n"
        text += Self.table(
            ["reason", "documents", "size", "because"],
            dropped.map {
                [$0.key, grouped($0.value.documents), Self.size($0.value.bytes), $0.value.reason]
            })
        text += "\nExamples:\n\n"
        for (name, reason) in dropped {
            for example in reason.examples {
                text += "- \(name): `\(example.source.replacing("`", with: "'"))`"
                if !example.excerpt.isEmpty {
                    text += " — \(Self.escaped(String(example.excerpt.prefix(100))))"
                }
                text += "\n"
            }
        }
        return text
    }

    private func removedSection() -> String {
        let removed = removed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard !removed.isEmpty else { return "" }
        let sum = removed.reduce(0) { $0 + $1.value }
        let dropped = dropped.values.reduce(0) { $0 + $1.bytes }
        let kept = sources.reduce(0) { $0 + $1.kept.bytes }
        return "\n## Removed from what was kept\n\n"
            + Self.table(
                ["by", "bytes", "size"],
                removed.map { name, bytes in
                    [name, grouped(bytes), (bytes < 0 ? "−" : "") + Self.size(abs(bytes))]
                })
            + "\nOf \(counted(input.bytes, "byte")) that came in, \(grouped(kept)) are text that was kept, "
            + "\(grouped(dropped)) were dropped, and \(grouped(sum)) were removed.\n"
    }

    private func contaminationSection() -> String {
        guard !contamination.isEmpty else { return "" }
        return "\n## Contamination lists\n\n"
            + Self.table(
                ["list", "texts", "runs of words"],
                contamination.map { [Self.escaped($0.name), grouped($0.texts), grouped($0.runs)] })
    }

    private func repairsSection() -> String {
        var repairs: [String: Int] = [:]
        for source in sources { repairs.merge(source.repairs, uniquingKeysWith: +) }
        guard !repairs.isEmpty else { return "" }
        return "\n## Repairs\n\n"
            + Self.table(
                ["repair", "places"],
                repairs.sorted { $0.key < $1.key }.map { [$0.key, grouped($0.value)] })
    }

    private func settingsSection() -> String {
        guard !settings.isEmpty else { return "" }
        return "\n## Settings\n\n"
            + Self.table(
                ["setting", "value"],
                settings.sorted { $0.key < $1.key }.map { [$0.key, Self.escaped($0.value)] })
    }

    private func problemsSection() -> String {
        guard !problems.isEmpty else { return "" }
        return "\n## Errors\n\n" + problems.map { "- \(Self.escaped($0))\n" }.joined()
    }

    private static func section(_ title: String, _ tallies: [String: Tally]) -> String {
        guard !tallies.isEmpty else { return "" }
        let rows = tallies.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }
            .map { [escaped($0.key), grouped($0.value.documents), size($0.value.bytes)] }
        return "\n## \(title)\n\n" + table([title.lowercased(), "documents", "text"], Array(rows.prefix(50)))
    }

    // MARK: Figures

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        var text = "| " + head.joined(separator: " | ") + " |\n"
        text += "|" + String(repeating: " --- |", count: head.count) + "\n"
        for row in rows { text += "| " + row.joined(separator: " | ") + " |\n" }
        return text
    }

    private static func escaped(_ text: String) -> String {
        HTMLEscaping.tags.escaped(text.replacing("|", with: "\\|").replacing("\n", with: " "))
    }

    private static func size(_ bytes: Int) -> String { NumberStyle.size.string(Double(bytes)) }

    private static func percent(_ part: Int, _ whole: Int) -> String {
        whole == 0 ? "–" : percent(Double(part) / Double(whole))
    }

    private static func percent(_ share: Double) -> String { shortest((share * 1_000).rounded() / 10) + " %" }
}
