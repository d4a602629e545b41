import Alignment
import ArgumentParser
import Foundation
import JSON
import NeuralCore
import Synchronization

extension MergeError: CommandError {
    var outcome: Outcome {
        switch self {
        case .model(let error): error.outcome
        case .recipe, .unset, .outOfRange, .impossible, .unlike: .badData
        }
    }
}

/// `hone merge`: several models of one shape become one.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one model of several of one shape, without training.",
        discussion: paragraphs(
            """
            The models are folders of models or of adapters, or both as MODEL+ADAPTER.
            linear is the weighted mean; slerp goes a share --t of the way from --base
            to the other model; task_arithmetic adds the differences from --base; ties
            keeps the largest of them and elects a sign; dare_linear and dare_ties drop
            some at random. Reward models merge as well.

              hone merge runs/dpo-1 runs/dpo-2 --output soup
              hone merge chat code --method ties --base base --density 0.5 --output merged
              hone merge --recipe merge.yaml --output merged

            A recipe is mergekit's configuration: models or slices, filters and gradients
            included. The arithmetic is in 32-bit floats.
            """))

    @Argument(help: ArgumentHelp("The folders of the models.", valueName: "model"), completion: .model)
    var models: [String] = []

    @Option(
        help: ArgumentHelp("A recipe in mergekit's YAML, instead of the options below.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String?

    @Option(
        help: ArgumentHelp(
            "\(MergeMethod.allCases.map(\.rawValue).joined(separator: ", ")) (default: linear).",
            valueName: "name"), completion: .list(MergeMethod.allCases.map(\.rawValue)),
        transform: {
            guard let method = MergeMethod(rawValue: $0) else {
                throw ValidationError("there is no such method")
            }
            return method
        })
    var method: MergeMethod?

    @Option(
        help: ArgumentHelp("The model that differences are measured from.", valueName: "dir"),
        completion: .model)
    var base: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The weight of each model (default: 1 for all).", valueName: "number"))
    var weight: [Double] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The share of each model's differences that is kept (default: 1).", valueName: "share"))
    var density: [Double] = []

    @Option(
        help: ArgumentHelp(
            "The place of slerp's result between the base, 0, and the other model, 1.", valueName: "share"))
    var t: Double?

    @Option(help: ArgumentHelp("The factor of the sum of all differences (default: 1).", valueName: "number"))
    var lambda: Double?

    @Option(help: ArgumentHelp("The seed of the random choice of dropped differences.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "The storage format of numbers: float32, bfloat16 or float16 (default: as in the base).",
            valueName: "type"), completion: .list(types.keys.sorted()))
    var type: String?

    @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"), completion: .directory)
    var output: String

    func validate() throws {
        let options: [(String, Bool)] = [
            ("MODEL", !models.isEmpty), ("--method", method != nil), ("--base", base != nil),
            ("--weight", !weight.isEmpty), ("--density", !density.isEmpty), ("--t", t != nil),
            ("--lambda", lambda != nil),
        ]
        if recipe != nil {
            for (option, isGiven) in options { try refuse(option, if: isGiven, "the recipe says it") }
            return
        }
        guard !models.isEmpty else { throw ValidationError("Name the models, or a --recipe.") }
        for (option, values) in [("--weight", weight), ("--density", density)] where !values.isEmpty {
            guard values.count == 1 || values.count == models.count else {
                throw ValidationError(
                    "\(option) has \(values.count) numbers for \(models.count) models; give one, or one for each."
                )
            }
        }
        let method = method ?? .linear
        for (option, values) in [("--weight", weight), ("--lambda", lambda.map { [$0] } ?? [])] {
            for value in values where !(abs(value) <= MergeRecipe.greatestFactor) {
                throw ValidationError("\(option) is \(value); it must be from -1e6 to 1e6.")
            }
        }
        for value in density { try check("--density", value, .fraction) }
        try check("--t", t, .fraction)
        let thins: [MergeMethod] = [.ties, .dareLinear, .dareTies]
        try refuse(
            "--density", if: !density.isEmpty && !thins.contains(method), "\(method.rawValue) keeps all")
        try refuse("--t", if: t != nil && method != .slerp, "only slerp has it")
        try refuse("--weight", if: !weight.isEmpty && method == .slerp, "slerp has --t")
        try refuse(
            "--lambda", if: lambda != nil && [.linear, .slerp].contains(method),
            "\(method.rawValue) adds no differences")
        try refuse("--base", if: base != nil && !method.needsBase, "linear has none")
        if method.needsBase, base == nil { throw ValidationError("\(method.rawValue) needs a --base.") }
        if method == .slerp, t == nil { throw ValidationError("slerp needs --t.") }
        try refuse(
            "--seed", if: seed != 0 && ![.dareLinear, .dareTies].contains(method), "nothing is random")
        if let type, Self.types[type] == nil {
            throw ValidationError("--type is \(type); it must be float32, bfloat16 or float16.")
        }
    }

    private static let types = ["float32": StoredType.float32, "bfloat16": .bfloat16, "float16": .float16]

    func run() throws {
        try reportingErrors {
            try RunDirectory(url: URL(filePath: output)).check(resumes: false)
            var merge =
                try recipe.map { try MergeRecipe(JSONValue(yaml: URL(filePath: $0)), file: $0) } ?? told()
            merge.seed = seed
            if let type { merge.type = Self.types[type] }
            let line = Mutex(ProgressLine("merging", waits: true))
            try merge.write(to: URL(filePath: output)) { done, total in
                line.withLock {
                    $0.show(share: Double(done) / Double(total), ["tensor \(done + 1) of \(total)"])
                }
            }
            line.withLock { $0.clear() }
            print("\(merge.method.rawValue): wrote \(output)")
        }
    }

    /// The recipe that the options tell.
    private func told() -> MergeRecipe {
        var recipe = MergeRecipe(method ?? .linear, of: models, base: base)
        for index in models.indices {
            recipe.slices[0].sources[index].parameters = [
                "weight": .number(value(weight, index)), "density": .number(value(density, index)),
            ]
        }
        recipe.parameters["lambda"] = lambda.map { .number($0) }
        recipe.parameters["t"] = t.map { .number($0) }
        return recipe
    }

    /// The number for a model: its own, the only one, or 1.
    private func value(_ values: [Double], _ index: Int) -> Double {
        values.isEmpty ? 1 : values.count == 1 ? values[0] : values[index]
    }
}
