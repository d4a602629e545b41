import Foundation
import TestSupport
import Testing

@Suite struct CompareCommandTests {
    @Test func runsAreComparedWhileOneGoesOn() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            for (name, rate) in [("slow", "1e-4"), ("fast", "1e-2")] {
                let arguments =
                    tinyTuning(to: name, steps: 4)
                    + [
                        "--learning-rate", rate, "--validation", "conversations.jsonl", "--evaluate-every",
                        "2",
                    ]
                #expect(try HoneProcess(arguments, in: folder).outcome().code == 0)
            }
            let running = try HoneProcess(tinyTuning(to: "runs/long", steps: 1_000_000), in: folder)
            defer { kill(running.process.processIdentifier, SIGKILL) }
            let metrics = folder.appending(path: "runs/long/metrics.jsonl")
            while (try? Data(contentsOf: metrics))?.isEmpty ?? true, running.process.isRunning {
                Thread.sleep(forTimeInterval: 0.02)
            }
            try Data("the bread is baked\n".utf8).write(to: folder.appending(component: "held.txt"))
            let evaluation = try HoneProcess.run(
                "evaluate", "--model", "slow", "--model", "fast", "--text", "held.txt", "--json", in: folder)
            try Data(evaluation.output.utf8).write(to: folder.appending(component: "evaluation.json"))
            // What a run's own folder has of it needs no option.
            let suite = #"""
                {"models":[{"name":"slow","metrics":[{"suite":"limits","name":"claimed_actions","value":0.25,"count":8,
                "low":0.1,"high":0.5,"higher_is_better":false}],"examples":[{"suite":"limits","item":"2",
                "prompt":"Call <b>Ada</b>","response":"I called her."}]}]}
                """#
            try Data(suite.utf8).write(to: folder.appending(path: "slow/evaluation.json"))
            let outcome = try HoneProcess.run(
                "compare", "slow", "fast", "runs/long", "--evaluation", "evaluation.json", "--output",
                "c.html",
                in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output == "c.html: 3 runs compared\n")
            let page = try String(contentsOf: folder.appending(component: "c.html"), encoding: .utf8)
            #expect(page.contains("slow · fast · long"))
            #expect(page.contains(#/step \d+ of 1000000/#) && page.contains("learning_rate"))
            #expect(page.contains("held.txt: bits per byte") && page.contains("limits: claimed actions"))
            #expect(page.contains("Call &lt;b&gt;Ada&lt;/b&gt;") && page.contains("I called her."))
            #expect(!page.contains("<script") && !page.contains("src="))
            // A report is replaced by a later one.
            let again = try HoneProcess.run("compare", "slow", "fast", "--output", "c.html", in: folder)
            #expect(again.output == "c.html: 2 runs compared\n", "\(again.errors)")
        }
    }

    @Test func whatIsNoRunIsNamed() throws {
        try withTemporaryFolder { folder in
            try prepareTinyModel(in: folder)
            #expect(try HoneProcess(tinyTuning(to: "a", steps: 2), in: folder).outcome().code == 0)
            for name in ["empty", "begun", "broken"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(component: name), withIntermediateDirectories: false)
            }
            func write(_ text: String, _ path: String) throws {
                try Data(text.utf8).write(to: folder.appending(path: path))
            }
            try write("{\"command\":\"sft\",\"options\":{},\"contents\":{}}", "begun/run.json")
            try write("[]", "broken/run.json")
            try write("{}", "wrong.json")
            try write("{\"models\":[{\"name\":\"other\"}]}", "other.json")
            let cases: [([String], Int32, String)] = [
                (["a"], 64, "1 run given; from 2 to 6 can be compared"),
                (["a", "./a"], 64, "./a is given twice"),
                (["a", "nowhere"], 66, "nowhere: there is no such folder; expected that of a run"),
                (["a", "wrong.json"], 74, "wrong.json: cannot be read: it is not the folder of a run"),
                (["a", "empty"], 65, "empty: holds no run to compare: it has no run.json"),
                (["a", "begun"], 65, "begun: holds no run to compare: it has no metrics.jsonl"),
                (["a", "broken"], 65, "broken/run.json: expected the command and the options of a run"),
                (["a", "base", "--evaluation", "wrong.json"], 65, "wrong.json: found no list \"models\""),
                (["a", "base", "--evaluation", "pairs.jsonl"], 65, "pairs.jsonl: found"),
                (
                    ["a", "base", "--evaluation", "other.json"], 65,
                    "found the models other and none of the runs"
                ),
                (["a", "base", "--evaluation", "nowhere.json"], 66, "nowhere.json"),
            ]
            for (arguments, code, message) in cases {
                let outcome = try HoneProcess(
                    ["compare"] + arguments + ["--output", "c.html"], in: folder
                ).outcome()
                #expect(outcome.code == code, "\(arguments): \(outcome.errors)")
                #expect(outcome.errors.contains(message), "\(arguments): \(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: folder.appending(component: "c.html").path))
            }
        }
    }
}
