public import NeuralCore

/// A recipe for a merge: mergekit's configuration as a value.
///
/// ```swift
/// var recipe = MergeRecipe(.ties, of: ["chat", "code"], base: "base")
/// recipe.parameters["density"] = .number(0.5)
/// try recipe.write(to: output)
/// ```
public struct MergeRecipe: Sendable, Hashable {
    /// The method.
    public var method: MergeMethod
    /// The model that differences are measured from, by its name; nil where the method needs none.
    public var base: String?
    /// The layers of the merged model, from the first to the last.
    public var slices: [Slice]
    /// The settings where neither a slice nor a model has its own, by the names of ``parameterNames``.
    public var parameters: [String: Setting] = [:]
    /// The number format of the merged parameters; nil for that of the first model, or of the base where there is one.
    public var type: StoredType?
    /// The seed of the methods that drop differences at random.
    public var seed: UInt64 = 0

    /// Successive layers of the merged model.
    public struct Slice: Sendable, Hashable {
        /// The models that they are made of.
        public var sources: [Source]
        /// The settings of these layers, where a model has none of its own.
        public var parameters: [String: Setting] = [:]

        /// Layers made of those of several models.
        public init(_ sources: [Source]) { self.sources = sources }
    }

    /// Layers of a model that go into a merge.
    public struct Source: Sendable, Hashable {
        /// The folder of a model or of an adapter; or of both with a `+` between them, as mergekit writes it.
        public var model: String
        /// The layers; nil for all.
        public var layers: Range<Int>?
        /// The settings of this model.
        public var parameters: [String: Setting] = [:]

        /// All layers of a model, or some.
        public init(_ model: String, layers: Range<Int>? = nil) {
            self.model = model
            self.layers = layers
        }
    }

    /// A number or a truth that may depend on the layer and on the name of a tensor.
    public indirect enum Setting: Sendable, Hashable {
        case number(Double)
        case flag(Bool)
        /// Numbers at equal distances from a slice's first layer to its last, with straight lines between them.
        case gradient([Double])
        /// The first whose text the name of the tensor contains; nil is contained in all.
        case filtered([Filter])
    }

    /// A setting for tensors of some names.
    public struct Filter: Sendable, Hashable {
        /// A part of the tensor's name; nil for any name.
        public var text: String?
        /// The setting for it.
        public var value: Setting

        /// A setting for the tensors whose name contains `text`.
        public init(_ text: String?, _ value: Setting) {
            self.text = text
            self.value = value
        }
    }

    /// A merge of whole models.
    ///
    /// - Parameters:
    ///   - method: How many become one.
    ///   - models: The folders.
    ///   - base: The folder of the base; it need not be among the models.
    public init(_ method: MergeMethod, of models: [String], base: String? = nil) {
        self.method = method
        self.base = base
        slices = [Slice(models.map { Source($0) })]
    }
}

// MARK: - Settings of a tensor

extension MergeRecipe {
    /// The settings of one model: mergekit's names.
    public static let modelParameterNames = ["weight", "density"]
    /// All settings: mergekit's names. `int8_mask` changes how mergekit stores a mask, and nothing of the result.
    public static let parameterNames =
        modelParameterNames + ["normalize", "rescale", "lambda", "t", "int8_mask"]

    /// The greatest weight and the greatest lambda, of either sign: beyond it the parameters would not be finite.
    public static let greatestFactor = 1e6

    /// The method's parameters for one tensor.
    ///
    /// - Parameters:
    ///   - slice: The number of the slice whose settings hold.
    ///   - name: The name of the tensor in the merged model.
    ///   - names: Its name in each source.
    ///   - depth: Where between the first layer of the slice, 0, and the last, 1.
    func settings(
        slice: Int, name: String, in names: [String], depth: Double
    ) throws(MergeError) -> MergeMethod.Settings {
        let (slice, scopes) = (slices[slice], [slices[slice].parameters, parameters])
        func setting(_ key: String, _ scopes: [[String: Setting]], _ tensor: String) -> Double? {
            for scope in scopes {
                if let value = scope[key]?.value(of: tensor, at: depth) { return value }
            }
            return nil
        }
        func flag(_ key: String, standard: Bool) -> Bool {
            setting(key, scopes, name).map { $0 != 0 } ?? standard
        }
        var settings = MergeMethod.Settings(
            weight: [], density: [],
            normalize: flag("normalize", standard: method == .linear || method == .ties),
            rescale: flag("rescale", standard: method == .dareLinear || method == .dareTies),
            lambda: Float(setting("lambda", scopes, name) ?? 1), t: 0)
        guard abs(settings.lambda) <= Float(Self.greatestFactor) else {
            throw .outOfRange(
                parameter: "lambda", tensor: name, found: Double(settings.lambda), expected: "-1e6 to 1e6")
        }
        if method == .slerp {
            guard let t = setting("t", scopes, name) else { throw .unset(parameter: "t", tensor: name) }
            settings.t = Float(t)
            return settings
        }
        for (source, tensor) in zip(slice.sources, names) {
            let scopes = [source.parameters] + scopes
            let weight = setting("weight", scopes, tensor)
            if weight == nil, method == .linear || source.model != base {
                throw .unset(parameter: "weight", tensor: "\(source.model): \(tensor)")
            }
            let density = setting("density", scopes, tensor) ?? 1
            guard 0...1 ~= density else {
                throw .outOfRange(parameter: "density", tensor: tensor, found: density, expected: "0 to 1")
            }
            guard abs(weight ?? 0) <= Self.greatestFactor else {
                throw .outOfRange(
                    parameter: "weight", tensor: tensor, found: weight ?? 0, expected: "-1e6 to 1e6")
            }
            settings.weight.append(Float(weight ?? 0))
            settings.density.append(Float(density))
        }
        if method == .linear, settings.normalize, settings.weight.reduce(0, +) == 0 {
            throw .outOfRange(
                parameter: "weight", tensor: name, found: 0, expected: "a sum of all weights that is not 0")
        }
        return settings
    }
}

extension MergeRecipe.Setting {
    /// The value for a tensor at a depth from 0 to 1; nil where no filter lets it through.
    func value(of tensor: String, at depth: Double) -> Double? {
        switch self {
        case .number(let number): return number
        case .flag(let flag): return flag ? 1 : 0
        case .gradient(let values):
            guard let last = values.indices.last else { return nil }
            let place = depth * Double(last)
            let (low, high) = (Int(place), min(last, Int(place) + 1))
            let share = place - Double(low)
            return (1 - share) * values[low] + share * values[high]
        case .filtered(let filters):
            return filters.first { $0.text.map(tensor.contains) ?? true }?.value.value(of: tensor, at: depth)
        }
    }
}
