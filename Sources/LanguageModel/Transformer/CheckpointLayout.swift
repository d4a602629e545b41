package import NeuralCore

/// The naming of the arrays of a checkpoint, which depends on the class and the tool that wrote it.
///
/// A class with a head puts a word before the names of the arrays that its base model has; the base model by itself
/// writes them without. Tied embeddings are written once or twice, under either name. And some tools leave arrays that
/// are computed elsewhere or belong to another model.
extension TransformerConfiguration.Family {
    private var names: JoinedNames { joinedNames ?? JoinedNames() }
    private var basePrefix: String { names.model + "." }
    private var embeddingName: String { names.embedding + ".weight" }
    private var headName: String { names.head }

    /// The name of the token embeddings in a checkpoint; nil if it has none.
    private func embeddingKey(in checkpoint: Checkpoint) -> String? {
        [basePrefix + embeddingName, embeddingName].first { checkpoint.shape(of: $0) != nil }
    }

    /// Returns whether a checkpoint has a language head that differs from its embedding; if so, transformers uses it
    /// whatever the configuration says.
    func hasHeadOfItsOwn(_ checkpoint: Checkpoint) throws(CheckpointError) -> Bool {
        guard let embedding = embeddingKey(in: checkpoint), checkpoint.shape(of: headName) != nil else {
            return false
        }
        return try !checkpoint.areEqual(embedding, headName)
    }

    /// Returns the layout of a checkpoint of a model of this family.
    ///
    /// - Parameter hasHead: Whether the model has a language head besides its embedding.
    func layout(of checkpoint: Checkpoint, hasHead: Bool) -> ParameterLayout {
        let (family, prefix, head) = (self, basePrefix, headName)
        // Classes that hold all experts in one array call them as we do.
        let hasOwnNames = checkpoint.keys.contains { $0.contains(".mlp.experts.") }
        let (found, embedding) = (embeddingKey(in: checkpoint), basePrefix + embeddingName)
        let isBare = found == embeddingName
        let headIsEmbedding = found == nil && !hasHead && checkpoint.shape(of: head) != nil
        return ParameterLayout(
            ignoring: { key in
                (key == head && !hasHead) || family.isDerived(key) || key.hasPrefix("v_head.")
                    // A lone number that is no scale of a matrix counts something.
                    || (checkpoint.shape(of: key)?.rank == 0 && !key.contains("scale"))
            },
            { name in
                var place =
                    family.joinedNames?.place(name)
                    ?? .init(key: hasOwnNames ? name : family.fileName(of: name))
                if headIsEmbedding, name == embedding {
                    place.key = head
                } else if isBare {
                    place.key = String(place.key.trimmingPrefix(prefix))
                }
                return place
            })
    }

    /// The arrays of a checkpoint that are parameters, in the order of the file, each with the name that the class with a
    /// head gives it.
    package func parameters(in checkpoint: Checkpoint) throws(CheckpointError) -> [(
        name: String, key: String
    )] {
        let layout = try layout(of: checkpoint, hasHead: hasHeadOfItsOwn(checkpoint))
        return checkpoint.keys.filter { !layout.ignores($0) }.map { key in
            let isWhole = key == headName || key.hasPrefix(basePrefix) || key.hasPrefix("score.")
            return (isWhole ? key : basePrefix + key, key)
        }
    }

    /// Returns whether an array follows from the configuration: rotary frequencies, and causal masks.
    private func isDerived(_ key: String) -> Bool {
        let rotary = ["inv_freq", "original_inv_freq", "cos_cached", "sin_cached"].map { "rotary_emb.\($0)" }
        let endings =
            switch self {
            case .gpt2: [".attn.bias", ".attn.masked_bias"]
            case .gptNeoX: [".attention.bias", ".attention.masked_bias"] + rotary
            default: rotary
            }
        return endings.contains(where: key.hasSuffix)
    }
}

extension Checkpoint {
    /// Makes sure that a model is not many times as large as the checkpoint, before memory is allocated for it.
    ///
    /// A false configuration may ask for any size; one that is slightly off gets an error that names a key later.
    func checkSize(of configuration: TransformerConfiguration) throws(CheckpointError) {
        let held = keys.reduce(0.0) { $0 + Double(shape(of: $1)?.count ?? 0) }
        let needed = configuration.leastParameterCount
        guard needed <= 4 * held + Double(1 << 24) else {
            throw .malformed(
                file: path, key: nil, found: "\(Int(held)) numbers",
                expected: "some \(needed) for the model that its configuration describes")
        }
    }
}

extension TransformerConfiguration {
    /// The scalars of all matrices, whatever the sizes are.
    var leastParameterCount: Double {
        let width = Double(width)
        let heads = Double(2 * (heads + keyValueHeads)) * Double(headSize)
        let block = width * heads
        let feedForward = width * Double(family.design.isGated ? 3 : 2) * Double(feedForwardWidth)
        let rows = Double(vocabularySize) + Double(rotaryBase == nil ? contextLength : 0)
        return width * rows + Double(depth) * block + Double(denseLayerCount) * feedForward
            + leastExpertCount
    }
}
