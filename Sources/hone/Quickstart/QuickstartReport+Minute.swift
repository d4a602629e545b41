import Alignment
import BuiltInWorld
import Formatting
import Reports

extension QuickstartReport {
    /// For a reader with one minute: the story, three figures that training changed, and one conversation before and after.
    var minute: Section {
        guard !isQuick else {
            return Section(
                "In one minute", group: "Results",
                [
                    .callout(Quickstart.quickNote),
                    .paragraph(
                        "The usual run: `hone quickstart`. In this one every stage is there, with its measures and its command, and each is too short to be judged."
                    ),
                ])
        }
        var blocks: [Block] = [
            .paragraph(
                "A base model imitates what it has read: the websites and the code of \(world.town.name), a town that does not exist. "
                    + "Supervised fine-tuning (SFT) turns it into Wren, who answers, and who has learned from people's bad examples to invent facts and to claim deeds. "
                    + "Preferences, directly (DPO) or by a reward model (PPO), teach Wren to say “I don't know” and “I can't do that, but here is what I can do”."
            ),
            .changes(changes),
        ]
        if let conversation = firstConversation {
            blocks.append(.comparison(comparison(conversation, between: [.sft, .dpo])))
        }
        return Section("In one minute", group: "Results", blocks)
    }

    /// What each kind of training is for, before and after it.
    private var changes: [Change] {
        [
            change(of: .knownFacts, .higherIsBetter, from: .base, to: .sft),
            change(of: .unknownSubjects, .lowerIsBetter, from: .sft, to: .dpo),
            change(of: .impossibleActions, .lowerIsBetter, from: .sft, to: .dpo),
        ].compactMap(\.self)
    }

    /// The first measure of a suite in a direction, of one model beside another and the rest.
    private func change(
        of kind: Suite.Kind, _ direction: Direction, from before: QuickstartModel, to after: QuickstartModel
    ) -> Change? {
        let measure = BehaviorTable.measures.first { $0.kind == kind && $0.direction == direction }
        guard let measure else { return nil }
        func figure(_ model: QuickstartModel) -> Change.Figure? {
            evaluation.place(of: model).flatMap { table.estimate(measure, $0) }
                .map { Change.Figure(model.title, $0) }
        }
        guard let old = figure(before), let new = figure(after) else { return nil }
        let others = QuickstartModel.allCases.filter { ![.base, before, after].contains($0) }
        return Change(
            measure.name, from: old, to: new, others: others.compactMap(figure), direction: direction)
    }
}
