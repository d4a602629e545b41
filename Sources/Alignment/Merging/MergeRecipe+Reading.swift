public import JSON
import NeuralCore

extension MergeRecipe {
    /// Reads mergekit's configuration.
    ///
    /// Every key has a fate: what is not understood is refused, with the place where it stands.
    ///
    /// - Parameters:
    ///   - document: The configuration; YAML has to be turned into a value before.
    ///   - file: Its name, for messages.
    public init(_ document: JSONValue, file: String) throws(MergeError) {
        let reader = Reader(file: file)
        let top = try reader.object(document, "the recipe", keys: Self.keys)
        let name = try reader.string(top["merge_method"], "merge_method")
        guard let method = MergeMethod(rawValue: name) else {
            let known = MergeMethod.allCases.map(\.rawValue).joined(separator: ", ")
            throw reader.error("merge_method", name, "one of \(known)")
        }
        self.method = method
        base = try top["base_model"].map { value throws(MergeError) in try reader.string(value, "base_model")
        }
        switch (top["models"], top["slices"]) {
        case (let models?, nil):
            slices = [Slice(try reader.sources(models, "models", hasLayers: false))]
        case (nil, let slices?):
            self.slices = []
            for (index, value) in try reader.list(slices, "slices").enumerated() {
                let place = "slices[\(index)]"
                let object = try reader.object(value, place, keys: ["sources", "parameters"])
                var slice = Slice(
                    try reader.sources(object["sources"], "\(place).sources", hasLayers: true))
                slice.parameters = try reader.parameters(object["parameters"], place)
                self.slices.append(slice)
            }
        default:
            throw reader.error("the recipe", "a table", "either models or slices")
        }
        parameters = try reader.parameters(top["parameters"], nil)
        let words = ["float32": StoredType.float32, "bfloat16": .bfloat16, "float16": .float16]
        for key in ["out_dtype", "dtype"] {
            guard let value = top[key], value != .null else { continue }
            guard let found = words[try reader.string(value, key)] else {
                throw reader.error(key, value.string ?? "", "float32, bfloat16 or float16")
            }
            type = type ?? found
        }
        if let source = top["tokenizer_source"], source != .null {
            let name = try reader.string(source, "tokenizer_source")
            guard name == "base" else {
                throw reader.error(
                    "tokenizer_source", name, "base: the models have to share one vocabulary")
            }
        }
    }

    /// Arithmetic is in 32-bit floats whatever `dtype` says; it says how the result is stored where `out_dtype` does not.
    private static let keys = [
        "merge_method", "base_model", "models", "slices", "parameters", "dtype", "out_dtype",
        "tokenizer_source",
    ]
}

/// Reads parts of a recipe, with errors that say where.
private struct Reader {
    let file: String

    func error(_ key: String, _ found: String, _ expected: String) -> MergeError {
        .recipe(file: file, key: key, found: found, expected: expected)
    }

    /// An object with none but known keys.
    func object(_ value: JSONValue?, _ place: String, keys: [String]) throws(MergeError) -> JSONObject {
        guard let object = value?.object else {
            throw error(place, value?.kind ?? "missing", "a table with \(keys.joined(separator: ", "))")
        }
        for key in object.keys where !keys.contains(key) {
            throw error(place, "a table with \(key)", "none but \(keys.joined(separator: ", "))")
        }
        return object
    }

    func list(_ value: JSONValue?, _ place: String) throws(MergeError) -> [JSONValue] {
        guard let list = value?.array, !list.isEmpty else {
            throw error(place, value?.kind ?? "missing", "a list of at least one")
        }
        return list
    }

    func string(_ value: JSONValue?, _ place: String) throws(MergeError) -> String {
        guard let text = value?.string else { throw error(place, value?.kind ?? "missing", "text") }
        return text
    }

    func sources(
        _ value: JSONValue?, _ place: String, hasLayers: Bool
    ) throws(MergeError) -> [MergeRecipe.Source] {
        var sources: [MergeRecipe.Source] = []
        for (index, value) in try list(value, place).enumerated() {
            let place = "\(place)[\(index)]"
            let object = try object(
                value, place, keys: ["model", "parameters"] + (hasLayers ? ["layer_range"] : []))
            var source = MergeRecipe.Source(try string(object["model"], "\(place).model"))
            if hasLayers {
                let bounds = object["layer_range"]?.array?.map(\.integer) ?? []
                guard bounds.count == 2, let first = bounds[0], let end = bounds[1], 0 <= first, first < end
                else {
                    throw error(
                        "\(place).layer_range", object["layer_range"]?.text() ?? "missing",
                        "the first layer and the one after the last, such as [0, 12]")
                }
                source.layers = first..<end
            }
            source.parameters = try parameters(
                object["parameters"], place, names: MergeRecipe.modelParameterNames)
            sources.append(source)
        }
        return sources
    }

    func parameters(
        _ value: JSONValue?, _ place: String?, names: [String] = MergeRecipe.parameterNames
    ) throws(MergeError) -> [String: MergeRecipe.Setting] {
        guard let value, value != .null else { return [:] }
        let place = place.map { "\($0).parameters" } ?? "parameters"
        var parameters: [String: MergeRecipe.Setting] = [:]
        for (key, value) in try object(value, place, keys: names).members {
            parameters[key] = try setting(value, "\(place).\(key)")
        }
        return parameters
    }

    private func setting(_ value: JSONValue, _ place: String) throws(MergeError) -> MergeRecipe.Setting {
        if let flag = value.bool { return .flag(flag) }
        if let number = value.number, number.isFinite { return .number(number) }
        let list = value.array ?? [value]
        let numbers = list.compactMap(\.number).filter(\.isFinite)
        if !list.isEmpty, numbers.count == list.count { return .gradient(numbers) }
        var filters: [MergeRecipe.Filter] = []
        for (index, element) in list.enumerated() where element.object != nil {
            let place = list.count == 1 ? place : "\(place)[\(index)]"
            let object = try object(element, place, keys: ["filter", "value"])
            let text = try object["filter"].flatMap { value throws(MergeError) -> String? in
                value == .null ? nil : try string(value, "\(place).filter")
            }
            let setting = try setting(object["value"] ?? .null, "\(place).value")
            filters.append(MergeRecipe.Filter(text == "*" ? nil : text, setting))
        }
        guard !filters.isEmpty, filters.count == list.count else {
            throw error(
                place, value.shown,
                "a number, true or false, a list of numbers, or a list of tables with filter and value")
        }
        return .filtered(filters)
    }
}
