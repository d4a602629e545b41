import JSON
import NeuralCore

// The experts of a model: how many there are, which layers have them, and what `config.json` says of it.
extension TransformerConfiguration {
    /// The feed-forward layers that each token chooses from.
    public struct Experts: Sendable, Equatable {
        /// The number of experts in a layer.
        public var count: Int
        /// The number that each token goes through, from 1 to `count`.
        public var perToken: Int
        /// Channels inside each expert.
        public var width: Int
        /// Whether the weights of a token's experts are divided by their sum.
        public var normalizesWeights = true
        /// The layers with a feed-forward layer for all tokens instead, counted from 0.
        public var denseLayers: Set<Int> = []
        /// The losses of routers in training.
        public var losses = RouterLosses()

        /// Experts in all layers, whose weights are normalized.
        ///
        /// - Precondition: A token goes through at least one, and no more than there are.
        public init(count: Int, perToken: Int, width: Int) {
            guard 1...max(1, count) ~= perToken, width > 0 else {
                misuse("\(perToken) of \(count) experts of \(width) channels for each token")
            }
            (self.count, self.perToken, self.width) = (count, perToken, width)
        }
    }

    /// Returns whether a layer, counted from 0, has experts.
    public func hasExperts(inLayer layer: Int) -> Bool {
        experts.map { !$0.denseLayers.contains(layer) } ?? false
    }

    /// The scalars of all experts and routers; and of those, the ones that a token does not meet.
    var expertCounts: (all: Int, unmet: Int) {
        guard let experts else { return (0, 0) }
        let layers = (0..<depth).count(where: hasExperts)
        let each = layers * 3 * width * experts.width
        return (experts.count * (each + layers * width), (experts.count - experts.perToken) * each)
    }

    /// The scalars of all experts, whatever the sizes are. An expert counts for sixty-four at least, as it costs memory even
    /// without them.
    var leastExpertCount: Double {
        guard let experts else { return 0 }
        let each = max(64, 3 * Double(width) * Double(experts.width))
        return Double(depth - denseLayerCount) * Double(experts.count) * each
    }

    /// The number of layers with a feed-forward layer for all tokens.
    var denseLayerCount: Int { (0..<depth).count { !hasExperts(inLayer: $0) } }

    mutating func readExperts(_ file: ConfigurationFile) throws(ModelDirectoryError) {
        let isMixtral = family == .mixtral
        // Both classes know both names; which wins differs.
        let names = isMixtral ? ["num_experts", "num_local_experts"] : ["num_local_experts", "num_experts"]
        let key = names.first(where: file.has) ?? names[1]
        let count = try file.integer(key, in: 0...Self.mostExperts, standard: isMixtral ? 8 : 128)
        guard count > 0 || !isMixtral else {
            throw .malformed(file: file.file, key: key, found: "0", expected: "one expert or more")
        }
        experts = nil
        guard count > 0 else { return }
        let perToken = try file.integer(
            "num_experts_per_tok", in: 1...Self.mostExperts, standard: isMixtral ? 2 : 8)
        guard perToken <= count else {
            throw .malformed(
                file: file.file, key: "num_experts_per_tok", found: "\(perToken)",
                expected: "no more than the experts, of which there are \(count)")
        }
        var experts = Experts(
            count: count, perToken: perToken,
            width: isMixtral
                ? feedForwardWidth
                : try file.integer("moe_intermediate_size", in: 1...Self.greatest, standard: 768))
        if !isMixtral {
            experts.normalizesWeights = try file.flag("norm_topk_prob", standard: false)
            let step = try file.integer("decoder_sparse_step", in: 1...Self.greatest, standard: 1)
            let dense = Set(file.integers("mlp_only_layers"))
            experts.denseLayers = Set((0..<depth).filter { dense.contains($0) || ($0 + 1) % step != 0 })
        }
        experts.losses.balances = try file.flag("output_router_logits", standard: false)
        experts.losses.balance = Float(try file.notNegative("router_aux_loss_coef", standard: 0.001))
        self.experts = experts.denseLayers.count == depth ? nil : experts
    }

    /// The keys of experts, in the spellings of transformers 4 and 5.
    var expertKeys: JSONObject {
        guard family.hasExperts else { return [:] }
        let losses = experts?.losses ?? RouterLosses()
        var values: JSONObject = [
            "num_local_experts": .integer(experts?.count ?? 0),
            "num_experts_per_tok": .integer(experts?.perToken ?? 1),
            "output_router_logits": .bool(losses.balances), "router_aux_loss_coef": .decimal(losses.balance),
        ]
        guard family == .qwen3MoE else { return values }
        values["num_experts"] = .integer(experts?.count ?? 0)
        values["moe_intermediate_size"] = .integer(experts?.width ?? feedForwardWidth)
        values["norm_topk_prob"] = .bool(experts?.normalizesWeights ?? true)
        values["decoder_sparse_step"] = 1
        let dense = experts?.denseLayers.filter { 0..<depth ~= $0 }.sorted() ?? []
        values["mlp_only_layers"] = .array(dense.map { .integer($0) })
        return values
    }

    /// The reason why a file of the family cannot say which experts there are; nil if it can.
    var unsayableExperts: String? {
        switch family {
        case .mixtral:
            guard let experts, experts.normalizesWeights, (0..<depth).allSatisfy(hasExperts) else {
                return "other than experts of normalized weights in every layer"
            }
            return experts.width == feedForwardWidth
                ? nil : "experts of \(experts.width) channels, and \(feedForwardWidth) elsewhere"
        case .qwen3MoE: return nil
        default: return experts.map { "\($0.count)" }
        }
    }

    /// More are taken for damage.
    private static let mostExperts = 4096
}

extension TransformerConfiguration.Family {
    /// Whether layers may have experts.
    var hasExperts: Bool { self == .mixtral || self == .qwen3MoE }

    /// The name of a parameter in the files of a family that joins no maps.
    func fileName(of name: String) -> String {
        guard self == .mixtral, name.contains(".mlp.") else { return name }
        let inFile = name.replacing(".mlp.", with: ".block_sparse_moe.")
        for (own, theirs) in [("gate_proj", "w1"), ("down_proj", "w2"), ("up_proj", "w3")]
        where inFile.hasSuffix("\(own).weight") {
            return inFile.dropLast("\(own).weight".count) + "\(theirs).weight"
        }
        return inFile
    }
}

extension Checkpoint {
    /// Takes arrays that hold all experts of a layer, as transformers computes with and may write, for those of each.
    mutating func separate(
        _ experts: TransformerConfiguration.Experts, of configuration: TransformerConfiguration
    ) throws(CheckpointError) {
        let (inner, width) = (experts.width, configuration.width)
        let forms: [(name: String, whole: Shape, parts: [String], shape: Shape)] = [
            ("gate_up_proj", [experts.count, 2 * inner, width], ["gate_proj", "up_proj"], [inner, width]),
            ("down_proj", [experts.count, width, inner], ["down_proj"], [width, inner]),
        ]
        for key in keys {
            guard let form = forms.first(where: { key.hasSuffix(".mlp.experts.\($0.name)") }) else {
                continue
            }
            guard shape(of: key) == form.whole else {
                throw .misshapen(
                    file: path, key: key, found: shape(of: key) ?? [], expected: form.whole)
            }
            let prefix = key.dropLast(form.name.count)
            try separate(
                key,
                into: (0..<experts.count).flatMap { expert in
                    form.parts.map { (key: "\(prefix)\(expert).\($0).weight", shape: form.shape) }
                })
        }
    }
}
