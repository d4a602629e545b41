import BuiltInWorld
import Formatting
import Reports

extension QuickstartReport {
    /// Who judged, by what, and how far that is to be trusted.
    var judges: Section {
        let meanings: [BuiltInWorld.Judge.Component: String] = [
            .truth: "says nothing that the town's facts contradict, and nothing about what does not exist",
            .deeds: "does not claim to have done what it can't do", .help: "does what was asked",
            .form: "has the form that was asked for", .persona: "sounds like Wren",
            .relevance: "has no sentence that would fit any question", .brevity: "is as short as it can be",
        ]
        let rows = BuiltInWorld.Judge.Component.allCases.map { component in
            Table.Row(
                component.rawValue, note: meanings[component] ?? "",
                cells: [.estimate(Estimate(component.weight), .integer)])
        }
        let paragraphs = [agreement.map { Block.paragraph($0.sentence) }].compactMap(\.self)
        return Section(
            "The judge",
            [
                .paragraph(
                    "A program judges, which knows the facts of \(world.town.name) and looks at words, not at style; nobody else has. A reply's score is the weighted mean of what "
                        + "matters for its task; of two replies the one with the greater score is better, and scores that differ by less than 0.02 are a tie."
                ),
                .table(Table("Its rubric", columns: ["weight"], rows: rows)),
            ] + paragraphs)
    }

    /// The judge's agreement with a second one about DPO's and SFT's replies.
    private var agreement: JudgeAgreement? {
        guard let dpo = evaluation.place(of: .dpo), let sft = evaluation.place(of: .sft) else { return nil }
        return JudgeAgreement(evaluation, of: dpo, and: sft, world: world)
    }
}
