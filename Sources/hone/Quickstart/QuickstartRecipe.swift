import ArgumentParser

/// The stages of a quickstart as a recipe for `hone run`, whose models are the same byte for byte.
struct QuickstartRecipe {
    let plan: QuickstartPlan
    let seed: UInt64
    /// The folder for event files of the stages; nil for none.
    var tracking: String?

    /// The text of the file.
    var text: String {
        text(
            of: QuickstartProgress.Stage.allCases,
            heading: """
                hone quickstart --minutes \(QuickstartStages.shown(plan.minutes)) --seed \(seed), as a recipe: hone run FILE
                The models are the same. What the quickstart then measures and reports, it does where the stages are done:
                hone quickstart --minutes \(QuickstartStages.shown(plan.minutes)) --seed \(seed) --output FOLDER
                """)
    }

    /// The text of a recipe of some of the stages.
    func text(of chosen: [QuickstartProgress.Stage], heading: String) -> String {
        // Paths are relative to where the recipe lies.
        let stages = QuickstartStages(plan: plan, seed: seed, folder: ".", tracking: tracking)
        var recipe = RecipeText(heading: heading)
        func add(
            _ stage: QuickstartProgress.Stage, _ command: (some ParsableCommand).Type, _ words: [String],
            _ comment: String
        ) {
            guard chosen.contains(stage) else { return }
            let name = words[0] == "tokenizer" ? Array(words[..<2]) : [words[0]]
            recipe.add(words, of: CommandInterface(of: command, words: name), comment: comment)
        }
        add(
            .world, WorldCommand.self, stages.world,
            "A town: websites, code, conversations, opinions about answers.")
        add(.corpus, CorpusCommand.self, stages.corpus, "Its texts, cleaned, without duplicates.")
        add(.tokenizer, TokenizerTrainCommand.self, stages.tokenizer, "Which pieces of text are tokens.")
        add(.base, PretrainCommand.self, stages.pretrain, "A base model: it goes on with any text.")
        add(.sft, SFTCommand.self, stages.sft, "An assistant: it answers.")
        add(.reward, RewardCommand.self, stages.reward, "What people prefer, as a model.")
        add(
            .dpo, DPOCommand.self, stages.dpo, "An assistant that people prefer, learned from their opinions."
        )
        add(.ppo, PPOCommand.self, stages.ppo, "Another one, learned from the rewards of its own answers.")
        add(.shown, SFTCommand.self, stages.shown, "What calling a tool looks like.")
        add(
            .acting, GRPOCommand.self, stages.acting,
            "An assistant that uses tools, learned from what came of its own calls.")
        return recipe.text
    }
}
