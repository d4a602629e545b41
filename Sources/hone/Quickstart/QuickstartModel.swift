/// The models of a quickstart that answer, in the order of their making, by the names of their folders.
enum QuickstartModel: String, CaseIterable {
    case base, sft, dpo, ppo

    /// Its name as the field spells it.
    var title: String { self == .base ? rawValue : rawValue.uppercased() }
}

extension QuickstartEvaluation {
    /// The names of all models for people: of a quickstart's own as the field spells them, of others as they were given.
    var titles: [String] {
        let own = QuickstartModel.allCases
        return replies.enumerated().map { place, reply in
            guard place < own.count else { return reply.model }
            return QuickstartModel(rawValue: reply.model)?.title ?? reply.model
        }
    }

    /// The place of a model of the quickstart among all.
    func place(of model: QuickstartModel) -> Int? { replies.firstIndex { $0.model == model.rawValue } }
}
