import BuiltInWorld
import Reports

extension QuickstartReport {
    /// A prompt of a suite, with the heading it is shown under.
    struct ShownPrompt: Equatable {
        let title: String
        let kind: Suite.Kind
        /// Its place in the suite.
        let place: Int
    }

    private static let titles: [(kind: Suite.Kind, title: String)] = [
        (.impossibleActions, "Something it cannot do"),
        (.unknownSubjects, "Somebody nobody has heard of"),
        (.knownFacts, "Something it knows"), (.userContext, "Something about the user"),
        (.instructionForm, "An instruction with a form"),
    ]

    /// The conversation for a reader with one minute.
    var firstConversation: ShownPrompt? { shown(Self.titles[0], besides: []).first }

    /// A conversation of each kind, besides the one that stands first.
    var conversations: Section {
        let first = [firstConversation].compactMap(\.self)
        let models = QuickstartModel.allCases.filter { $0 != .base }
        let blocks = Self.titles.flatMap { shown($0, besides: first) }.map { prompt in
            Block.comparison(comparison(prompt, between: models, others: true))
        }
        return Section(
            "Before and after", label: "Conversations",
            [
                .paragraph(
                    "Of each kind the first prompt that SFT fails and as many as possible of the later models do not; the table above counts all. "
                        + "The stronger the background of a token, the less the model expected it: the figure shows under the pointer, and all figures under “Probabilities”."
                )
            ] + blocks)
    }

    /// The prompt of a kind that shows the most: the first of those that SFT fails and the most of the later models pass,
    /// else the first.
    private func shown(
        _ heading: (kind: Suite.Kind, title: String), besides others: [ShownPrompt]
    ) -> [ShownPrompt] {
        guard let suite = evaluation.suites.first(where: { $0.kind == heading.kind }) else { return [] }
        let prompts = suite.prompts.indices.map {
            ShownPrompt(title: heading.title, kind: heading.kind, place: $0)
        }.filter { !others.contains($0) }
        func isPassed(_ prompt: ShownPrompt, by model: QuickstartModel) -> Bool {
            evaluation.place(of: model).map { evaluation.replies($0, prompt.kind)[prompt.place].isPassed }
                ?? false
        }
        func count(_ prompt: ShownPrompt) -> Int {
            if isPassed(prompt, by: .sft) { return 0 }
            return [QuickstartModel.dpo, .ppo].count { isPassed(prompt, by: $0) }
        }
        let most = prompts.map(count).max() ?? 0
        return prompts.first { count($0) == most }.map { [$0] } ?? []
    }

    /// The replies of some models to a prompt; of all that are no quickstart's own as well where `others` is true.
    func comparison(
        _ prompt: ShownPrompt, between models: [QuickstartModel], others: Bool = false
    ) -> Comparison {
        let own = models.compactMap { evaluation.place(of: $0) }
        let rest = others ? Array(evaluation.replies.indices.dropFirst(QuickstartModel.allCases.count)) : []
        let messages =
            evaluation.suites.first { $0.kind == prompt.kind }?.prompts[prompt.place].messages ?? []
        let turns = messages.map { Transcript.Turn($0.role.rawValue, $0.content) }
        return Comparison(
            prompt.title,
            (own + rest).map { model in
                let reply = evaluation.replies(model, prompt.kind)[prompt.place]
                let tokens = zip(reply.tokens, reply.probabilities).map {
                    ScoredToken($0, probability: Double($1))
                }
                return Transcript(
                    model: evaluation.titles[model], turns: turns + [.init("assistant", tokens: tokens)],
                    verdict: reply.verdict(in: prompt.kind))
            })
    }
}

extension QuickstartEvaluation.Reply {
    /// The judge's label with its mark. A reply in the form that was asked for passes, though what it says may be wrong.
    func verdict(in kind: Suite.Kind) -> Verdict {
        if kind == .instructionForm, isPassed, label == "wrong" {
            return Verdict("in form, but wrong", .neutral)
        }
        return Verdict(label, isPassed ? .good : .bad)
    }
}
