import ArgumentParser
import Formatting
import Foundation
import LanguageModel
import NeuralCore

/// A recipe for some data, a purpose, a time and a machine.
///
/// Times are estimates: 6 operations for each parameter and trained token (8 where a second model reads along), four bytes of
/// text for a token. A stage states its actual needs when it begins.
struct RecipeDraft {
    let data: GivenData
    let purpose: RecipePurpose
    let minutes: Double
    let machine: Machine
    /// Says where something lies, as seen from where the recipe lies.
    let located: (String) -> String
    /// Says whether something of a name lies where the recipe does.
    let isTaken: (String) -> Bool

    private static let bytesPerToken = 4.0
    private static let passes = 4.0
    private static let tokensPerStep = 4096.0

    /// The text of the file.
    var text: String {
        let heading = """
            What becomes of it: \(purpose.description), in about \(length) on \(counted(machine.cores, "core")).
            hone run FILE runs it. Every line is an option of its command, which its --help explains.
            """
        guard !data.isTown else { return town(heading) }
        var recipe = RecipeText(heading: heading)
        var model = data.model
        // A base model takes most of the time, where one is made.
        let makesBase = model == nil || purpose == .base
        let parts = makesBase ? ["base": 0.6, "sft": 0.25] : ["base": 0, "sft": 0.6]
        if makesBase {
            let share = purpose == .base ? 1 : parts["base"] ?? 0
            model = addBase(to: &recipe, from: model, seconds: 60 * minutes * share)
        }
        guard purpose != .base, var model else { return recipe.text }
        let isOwn = data.model == nil
        if !data.conversations.paths.isEmpty {
            let share = purpose == .assistant ? 1 - (parts["base"] ?? 0) : parts["sft"] ?? 0
            model.path = add(
                SFTCommand.self, "sft", data.conversations, from: model, to: &recipe,
                seconds: 60 * minutes * share, rate: isOwn ? "3e-4" : nil, operations: 6,
                comment: "It learns to answer.")
        }
        if purpose == .preferred || purpose == .judge {
            let left = 1 - (parts["base"] ?? 0) - (data.conversations.paths.isEmpty ? 0 : parts["sft"] ?? 0)
            let isJudge = purpose == .judge
            func add(_ command: (some ParsableCommand).Type, _ name: String, _ comment: String) {
                _ = self.add(
                    command, name, data.preferences, from: model, to: &recipe, seconds: 60 * minutes * left,
                    rate: isOwn && !isJudge ? "1e-4" : nil, operations: isJudge ? 6 : 8, comment: comment)
            }
            if isJudge {
                add(RewardCommand.self, "reward", "It learns which answers people prefer.")
            } else {
                add(DPOCommand.self, "dpo", "It learns to answer as people prefer.")
            }
        }
        return recipe.text
    }

    /// The built-in world, as much of it as there is time for.
    private func town(_ heading: String) -> String {
        // A budget of 5.5 took about 7 minutes on two cores with AVX2.
        let budget = min(10_000, max(0.1, minutes * Double(machine.cores) / 2 * 5.5 / 7))
        let plan = QuickstartPlan(minutes: (budget * 10).rounded() / 10)
        var stages: [QuickstartProgress.Stage] = [.world, .corpus, .tokenizer, .base]
        if purpose != .base { stages.append(.sft) }
        if purpose == .preferred { stages.append(.dpo) }
        if purpose == .judge { stages.append(.reward) }
        return QuickstartRecipe(plan: plan, seed: 1).text(of: stages, heading: heading)
    }

    /// Appends the stages that pre-train a base model on texts, or continue one.
    ///
    /// - Returns: The model.
    private func addBase(
        to recipe: inout RecipeText, from model: (path: String, parameters: Int)?, seconds: Double
    ) -> (path: String, parameters: Int) {
        let sources = data.texts.paths.map(located)
        let output = free("base")
        var corpus = free("corpus")
        if data.texts.paths.count == 1, let made = data.corpus {
            corpus = located(made)
        } else {
            recipe.add(
                ["corpus"] + sources + ["--output", corpus],
                of: CommandInterface(of: CorpusCommand.self, words: ["corpus"]),
                comment: "The texts, cleaned, without duplicates.")
        }
        let available = data.texts.bytes / Self.bytesPerToken * Self.passes
        let pretrain = CommandInterface(of: PretrainCommand.self, words: ["pretrain"])
        if let model {
            let tokens = min(available, seconds * machine.speed / (6 * Double(model.parameters)))
            recipe.add(
                ["pretrain", "--model", located(model.path), "--corpus", corpus]
                    + ["--tokens", Self.rounded(tokens), "--learning-rate", "1e-4", "--output", output],
                of: pretrain, comment: "\(grouped(model.parameters)) parameters go on learning.")
            return (output, model.parameters)
        }
        let tokenizer = free("tokenizer.json")
        let vocabulary = data.texts.bytes < 5e7 ? 4096 : data.texts.bytes < 1e9 ? 8192 : 16_384
        recipe.add(
            [
                "tokenizer", "train", corpus, "--vocabulary-size", "\(vocabulary)", "--output",
                tokenizer,
            ]
                + ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].flatMap { ["--special-token", $0] },
            of: CommandInterface(of: TokenizerTrainCommand.self, words: ["tokenizer", "train"]),
            comment: "Which pieces of text are tokens.")
        let (depth, parameters) = depth(vocabulary: vocabulary, available: available, seconds: seconds)
        let tokens = min(
            20 * Double(parameters), available, seconds * machine.speed / (6 * Double(parameters)))
        recipe.add(
            ["pretrain", "--corpus", corpus, "--tokenizer", tokenizer, "--depth", "\(depth)"]
                + ["--tokens", Self.rounded(tokens), "--output", output],
            of: pretrain,
            comment: "A base model of up to \(grouped(parameters)) parameters: it goes on with any text.")
        return (output, parameters)
    }

    /// A name for something new, with a number where it is taken.
    private func free(_ name: String) -> String {
        let (stem, ending) = name.hasSuffix(".json") ? (String(name.dropLast(5)), ".json") : (name, "")
        let names = (2...).lazy.map { "\(stem)-\($0)\(ending)" }
        return isTaken(name) ? names.first { !isTaken($0) } ?? name : name
    }

    /// The deepest model that the text, the time and the memory are enough for, and its parameters.
    private func depth(vocabulary: Int, available: Double, seconds: Double) -> (depth: Int, parameters: Int) {
        func parameters(_ depth: Int) -> Int {
            TransformerConfiguration(
                vocabularySize: vocabulary, width: 64 * depth, depth: depth, heads: depth, headSize: 64,
                contextLength: 1024
            ).parameterCount
        }
        let depth = (2...48).last { depth in
            let size = Double(parameters(depth))
            let activations = 160 * 64 * Double(depth * depth) * 16_384
            return 20 * size <= available && 120 * size * size <= seconds * machine.speed
                && 16 * size + activations <= 0.6e9 * machine.memory
        }
        return (depth ?? 2, parameters(depth ?? 2))
    }

    /// Appends a stage that learns from records.
    ///
    /// - Returns: The folder of its model.
    private func add(
        _ command: (some ParsableCommand).Type, _ name: String, _ files: GivenData.Files,
        from model: (path: String, parameters: Int), to recipe: inout RecipeText, seconds: Double,
        rate: String?, operations: Double, comment: String
    ) -> String {
        let size = Double(model.parameters)
        var words = [name, "--model", model.path == data.model?.path ? located(model.path) : model.path]
        words += files.paths.flatMap { ["--data", located($0)] }
        let tokens = max(1, files.bytes / Self.bytesPerToken)
        let possible = seconds * machine.speed / (operations * size)
        if possible < tokens {
            words += ["--steps", "\(Int(max(10, possible / Self.tokensPerStep)))"]
        } else {
            words += ["--epochs", name == "sft" ? "\(Int(min(3, possible / tokens)))" : "1"]
        }
        // Weights, gradients and moments of all parameters, in addition to the memory of the steps themselves.
        let isLarge = 16 * size > 0.5e9 * machine.memory
        if isLarge { words += ["--lora-rank", "16"] }
        if let rate = rate ?? (isLarge && name != "reward" ? (name == "sft" ? "1e-4" : "1e-5") : nil) {
            words += ["--learning-rate", rate]
        }
        let output = free(name)
        recipe.add(
            words + ["--output", output], of: CommandInterface(of: command, words: [name]), comment: comment)
        return output
    }

    /// Rounds a number of tokens to two significant digits.
    private static func rounded(_ tokens: Double) -> String {
        let unit = pow(10, max(0, floor(log10(max(1, tokens))) - 1))
        return
            "\(max(tokensPerStep, (tokens / unit).rounded() * unit).formatted(.number.grouping(.never).precision(.fractionLength(0))))"
    }

    private var length: String {
        minutes == minutes.rounded() ? counted(Int(minutes), "minute") : "\(minutes) minutes"
    }
}
