import Foundation

extension Reader {
    /// What a run left, of which another goes on.
    static let runs = [
        Reader(
            "metrics-jsonl", tokens: ["step", "loss", "skipped", "1e400", "learning_rate"],
            seeds: { _ in
                [
                    Array(
                        "{\"step\": 1, \"loss\": 3.25, \"learning_rate\": 1e-4}\n{\"step\": 2, \"loss\": 3.0, \"skipped\": \"not finite\"}\n{\"step\": 3"
                            .utf8)
                ]
            },
            read: { bytes, scratch in
                let file = scratch.file("metrics.jsonl", bytes)
                _ = try MetricsLog(contentsOf: file)
                _ = try MetricsFile(file, after: 2)
            }),
        Reader(
            "run-json", tokens: ["command", "options", "contents", "processor"],
            seeds: { _ in
                [
                    Array(
                        #"{"command": "sft", "options": {"seed": 1, "data": ["a.jsonl"]}, "contents": {"data": "5ab1"}}"#
                            .utf8)
                ]
            },
            read: { bytes, scratch in
                let run = try RunDescription(contentsOf: scratch.file("run.json", bytes))
                _ = (run.difference(from: run), run.data)
            }),
    ]
}
