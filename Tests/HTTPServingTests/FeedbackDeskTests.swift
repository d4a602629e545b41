import Feedback
import HTTPServing
import JSON
import Pages
import Testing

@Suite struct FeedbackDeskTests {
    private static func server(keeping: Bool = true, key: String? = nil) -> (ModelServer, MemoryFeedback) {
        let memory = MemoryFeedback()
        let prompts: [[JSONValue]] = ["one", "two"].map { [["role": "user", "content": .string($0)]] }
        let desk = FeedbackDesk(memory, prompts: prompts, goal: 3)
        return (ModelServer([], policy: AccessPolicy(key: key), feedback: keeping ? desk : nil), memory)
    }

    private static func ask(
        _ server: ModelServer, _ path: String, _ body: JSONValue? = nil, headers: [String: String] = [:]
    ) async -> (status: Int, headers: [(String, String)], json: JSONValue, text: String) {
        let answer = await server.answer(
            method: body == nil ? "GET" : "POST", path: path,
            headers: ["host": "127.0.0.1:8080"].merging(headers) { $1 },
            body: Array((body?.text() ?? "").utf8))
        guard case .whole(let bytes) = answer.body else { return (0, [], .null, "") }
        return (
            answer.status, answer.headers, (try? JSONValue(parsing: bytes)) ?? .null,
            String(decoding: bytes, as: UTF8.self)
        )
    }

    private static func judgment(_ key: String, by rater: String = "ada", asked: String) -> JSONValue {
        [
            "key": .string(key), "rater": .string(rater), "choice": "first",
            "prompt": [["role": "user", "content": .string(asked)]],
            "answers": [["text": "x", "model": "a", "seed": 4], ["text": "y", "model": "b"]],
        ]
    }

    @Test func choicesAreKeptCountedAndTakenBack() async throws {
        let (server, memory) = Self.server()
        #expect(await Self.ask(server, "/feedback/judgments", Self.judgment("1", asked: "one")).status == 200)
        // A browser that did not hear the answer sends it again.
        #expect(await Self.ask(server, "/feedback/judgments", Self.judgment("1", asked: "one")).status == 200)
        #expect(memory.judgments().count == 1)
        #expect(
            await Self.ask(server, "/feedback").json == [
                "keeps": true, "comparisons": 1, "goal": 3, "prompts": 2,
            ])
        #expect(await Self.ask(server, "/feedback/results").json["comparisons"] == 1)
        #expect(await Self.ask(server, "/feedback/undo", ["key": "1"]).status == 200)
        #expect(await Self.ask(server, "/feedback/undo", ["key": "1"]).status == 404)
        #expect(memory.judgments().isEmpty)
    }

    @Test func aPersonIsAskedWhatThisPersonHasNotJudged() async throws {
        let (server, _) = Self.server()
        func next(_ rater: String, _ source: String) async -> JSONValue {
            await Self.ask(server, "/feedback/next", ["rater": .string(rater), "from": .string(source)]).json
        }
        _ = await Self.ask(server, "/feedback/judgments", Self.judgment("1", asked: "one"))
        #expect(await next("ada", "prompts")["prompt"]?.array?.first?["content"] == "two")
        #expect(await next("bob", "prompts")["prompt"]?.array?.first?["content"] == "one")
        #expect(await next("ada", "raters")["prompt"] == .null)
        let others = await next("bob", "raters")
        #expect(others["answers"]?.array?.compactMap { $0["text"]?.string } == ["x", "y"])
        #expect(others["choice"] == nil)
        _ = await Self.ask(server, "/feedback/judgments", Self.judgment("2", by: "bob", asked: "one"))
        #expect(await next("bob", "raters")["prompt"] == .null)
    }

    @Test func whatIsWrongIsRefusedByName() async {
        let (server, memory) = Self.server()
        var wrong = Self.judgment("1", asked: "one").object!
        wrong["choice"] = "maybe"
        let reply = await Self.ask(server, "/feedback/judgments", .object(wrong))
        #expect(reply.status == 400 && reply.json["error"]?["param"] == "choice")
        #expect(await Self.ask(server, "/feedback/next", ["rater": "a", "from": "b"]).status == 400)
        #expect(await Self.ask(server, "/feedback/judgments").status == 405)
        #expect(memory.judgments().isEmpty)
    }

    @Test func withoutAFileNothingIsKept() async {
        let (server, _) = Self.server(keeping: false)
        #expect(await Self.ask(server, "/feedback").json == ["keeps": false])
        #expect(await Self.ask(server, "/feedback/results").status == 404)
    }

    @Test func pagesNeedNoKeyAndChoicesDo() async {
        let (server, memory) = Self.server(key: "0123456789abcdef")
        #expect(await Self.ask(server, "/compare").status == 200)
        #expect(await Self.ask(server, "/feedback/judgments", Self.judgment("1", asked: "one")).status == 401)
        let stranger = ["origin": "http://elsewhere", "authorization": "Bearer 0123456789abcdef"]
        #expect(
            await Self.ask(server, "/feedback/judgments", Self.judgment("1", asked: "one"), headers: stranger)
                .status == 403)
        #expect(memory.judgments().isEmpty)
    }

    /// What a model says cannot bring a script along, as scripts and styles come from the server's files alone.
    @Test(arguments: Page.paths) func pagesHaveNothingInline(path: String) async throws {
        let (server, _) = Self.server()
        let reply = await Self.ask(server, path)
        #expect(reply.status == 200)
        let policy = try #require(reply.headers.first { $0.0 == "content-security-policy" }?.1)
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
        #expect(!policy.contains("unsafe"))
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "://"] {
            #expect(!reply.text.contains(word), "\(path) has \(word)")
        }
        guard path.hasPrefix("/pages/") == false else { return }
        for word in [" style=", " onclick=", " onload=", "<style", "<script>"] {
            #expect(!reply.text.contains(word), "\(path) has \(word)")
        }
    }
}
