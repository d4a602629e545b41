import Serving

/// The counts of engines' work, in Prometheus' text format.
enum ServingMetrics {
    private static let metrics:
        [(name: String, kind: String, help: String, value: @Sendable (ServingLoad) -> Int)] = [
            ("hone_requests_total", "counter", "Requests taken in.", { $0.requests }),
            ("hone_requests_canceled_total", "counter", "Requests whose client went away.", { $0.canceled }),
            ("hone_requests_running", "gauge", "Requests being served.", { $0.running }),
            ("hone_requests_waiting", "gauge", "Requests waiting for a slot.", { $0.waiting }),
            (
                "hone_prompt_tokens_total", "counter", "Tokens of prompts that were read.",
                { $0.promptTokensRead }
            ),
            (
                "hone_prompt_tokens_cached_total", "counter",
                "Tokens of prompts that were known from others.",
                { $0.promptTokensKnown }
            ),
            ("hone_generation_tokens_total", "counter", "Tokens generated.", { $0.tokensGenerated }),
            (
                "hone_generation_tokens_guessed_total", "counter",
                "Tokens generated that had been guessed from the text before.", { $0.tokensGuessed }
            ),
        ]

    static func text(of models: [ServedModel]) -> String {
        let loads = models.map { ($0.name, $0.engine.load) }
        return metrics.map { metric in
            let lines = loads.map { name, load in
                "\(metric.name){model=\"\(escaped(name))\"} \(metric.value(load))\n"
            }
            return "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind)\n"
                + lines.joined()
        }.joined()
    }

    private static func escaped(_ label: String) -> String {
        label.reduce(into: "") { text, character in
            switch character {
            case "\\", "\"": text += "\\\(character)"
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
