internal import JSON

/// The parts of a `tokenizer.json` around its model, as this library does them.
struct TokenizerJSONPipeline {
    private(set) var normalization: [TextChange] = []
    private(set) var preTokenization = PreTokenization()
    /// Whether tokens are spelled in the alphabet of bytes.
    private(set) var isByteLevel = false
    private(set) var boundaries = BytePairTokenizer.Boundaries()
    private(set) var start = TokenDecoding.Start.kept

    private let file: String

    init(_ json: TokenizerJSON) throws(TokenizerError) {
        file = json.file
        try readNormalizer(json.normalizer, at: "normalizer")
        try readPreTokenizer(json.preTokenizer, at: "pre_tokenizer")
        try readDecoder(json.decoder, at: "decoder")
        try readPostProcessor(json.postProcessor, at: "post_processor")
    }

    private func unsupported(_ place: String, _ found: String) -> TokenizerError {
        .unsupported(file: file, place: place, found: found)
    }

    /// Reads a component, or each of a sequence of components.
    private func forEachComponent(
        _ value: JSONValue, at place: String, parts: String,
        _ body: (_ type: String, _ value: JSONValue, _ place: String) throws(TokenizerError) -> Void
    ) throws(TokenizerError) {
        if value == .null { return }
        guard let type = value["type"]?.string else {
            throw .malformed(file: file, place: place, expected: "an object with a type", found: "none")
        }
        guard type == "Sequence" else { return try body(type, value, place) }
        guard let elements = value[parts]?.array else {
            throw .malformed(file: file, place: "\(place).\(parts)", expected: "an array", found: "none")
        }
        for (index, element) in elements.enumerated() {
            try forEachComponent(element, at: "\(place).\(parts)[\(index)]", parts: parts, body)
        }
    }

    // MARK: Before merging

    private mutating func readNormalizer(_ value: JSONValue, at place: String) throws(TokenizerError) {
        var changes: [TextChange] = []
        try forEachComponent(value, at: place, parts: "normalizers") {
            (type, value, place) throws(TokenizerError) in
            switch type {
            case "NFC": changes.append(.composed)
            case "NFD": changes.append(.decomposed)
            case "NFKC": changes.append(.compatibilityComposed)
            case "NFKD": changes.append(.compatibilityDecomposed)
            case "StripAccents": changes.append(.withoutMarks)
            case "Nmt": changes.append(.plain)
            case "Precompiled": changes.append(.mapped(try characterMap(value, at: place)))
            case "Lowercase": changes.append(.lowercased)
            case "Strip":
                changes.append(
                    .stripped(
                        beginning: value["strip_left"]?.bool ?? true, end: value["strip_right"]?.bool ?? true)
                )
            case "Prepend": changes.append(.prepended(Array((value["prepend"]?.string ?? "").utf8)))
            case "Replace":
                changes.append(try replacement(value, at: place))
            default: throw unsupported("\(place).type", "\"\(type)\"")
            }
        }
        normalization = changes
    }

    private func characterMap(_ value: JSONValue, at place: String) throws(TokenizerError) -> CharacterMap {
        let place = "\(place).precompiled_charsmap"
        guard let text = value["precompiled_charsmap"]?.string, let bytes = Base64.decoded(Array(text.utf8))
        else { throw .malformed(file: file, place: place, expected: "base64", found: "something else") }
        do throws(CharacterMap.Malformed) { return try CharacterMap(bytes, choice: .byCluster) } catch {
            throw .malformed(file: file, place: place, expected: error.expected, found: error.found)
        }
    }

    private func replacement(_ value: JSONValue, at place: String) throws(TokenizerError) -> TextChange {
        guard let new = value["content"]?.string else {
            throw .malformed(file: file, place: "\(place).content", expected: "text", found: "something else")
        }
        if let old = value["pattern"]?["String"]?.string {
            return .replaced(Array(old.utf8), with: Array(new.utf8))
        }
        return .replacedMatches(try textPattern(value, at: place), with: Array(new.utf8))
    }

    private func textPattern(_ value: JSONValue, at place: String) throws(TokenizerError) -> TextPattern {
        guard let expression = value["pattern"]?["Regex"]?.string else {
            throw unsupported("\(place).pattern", "a pattern that is no regular expression")
        }
        guard let pattern = TextPattern(expression: expression) else {
            throw unsupported("\(place).pattern.Regex", "\"\(expression)\"")
        }
        return pattern
    }

    private mutating func readPreTokenizer(_ value: JSONValue, at place: String) throws(TokenizerError) {
        var result = PreTokenization()
        var isByteLevel = false
        try forEachComponent(value, at: place, parts: "pretokenizers") {
            (type, value, place) throws(TokenizerError) in
            guard !result.marksSpaces, !result.marksWords else {
                throw unsupported(place, "anything after Metaspace")
            }
            if isByteLevel {
                result.cuts.append(try cutOfByteAlphabet(type, value, at: place))
                return
            }
            switch type {
            case "ByteLevel":
                isByteLevel = true
                if value["add_prefix_space"]?.bool ?? true {
                    guard result.cuts.isEmpty else {
                        throw unsupported("\(place).add_prefix_space", "true after another cut")
                    }
                    result.prefix = .space
                }
                if value["use_regex"]?.bool ?? true { result.cuts.append(.pattern(.gpt2)) }
            case "Digits":
                result.cuts.append(.digits(individually: value["individual_digits"]?.bool ?? false))
            case "Split" where value["pattern"]?["String"] != nil:
                if let cut = try stringCut(value, at: place) { result.cuts.append(cut) }
            case "Split": result.cuts.append(try splitCut(value, at: place))
            case "Punctuation":
                let joining = try joining(value, at: place, standard: .isolated)
                result.cuts.append(.matches(.punctuation, joining))
            case "WhitespaceSplit": result.cuts.append(.matches(.whiteSpace, .removed))
            case "Metaspace": try readMetaspace(value, at: place, into: &result)
            default: throw unsupported("\(place).type", "\"\(type)\"")
            }
        }
        preTokenization = result
        self.isByteLevel = isByteLevel
    }

    private func splitCut(_ value: JSONValue, at place: String) throws(TokenizerError) -> PreTokenization.Cut
    {
        let joining = try joining(value, at: place)
        let isInverted = value["invert"]?.bool ?? false
        if let expression = value["pattern"]?["Regex"]?.string,
            let pattern = SplitPattern(expression: expression)
        {
            // The matches cover the whole text, so removing what lies between them is the same.
            guard (joining == .isolated && !isInverted) || (joining == .removed && isInverted) else {
                throw unsupported(
                    "\(place).behavior", "\"\(joining.rawValue)\"\(isInverted ? ", inverted" : "")")
            }
            return .pattern(pattern)
        }
        return .matches(try textPattern(value, at: place), joining, isInverted: isInverted)
    }

    private func joining(
        _ value: JSONValue, at place: String, standard: PreTokenization.Joining? = nil
    ) throws(TokenizerError) -> PreTokenization.Joining {
        let behavior = value["behavior"]?.string
        guard let joining = behavior.map({ PreTokenization.Joining(rawValue: $0) }) ?? standard else {
            throw unsupported("\(place).behavior", "\"\(behavior ?? "")\"")
        }
        return joining
    }

    /// A cut of text that is spelled in the alphabet of bytes already.
    private func cutOfByteAlphabet(
        _ type: String, _ value: JSONValue, at place: String
    ) throws(TokenizerError) -> PreTokenization.Cut {
        switch type {
        case "Digits" where value["individual_digits"]?.bool != true: return .byteDigits
        case "Split" where value["pattern"]?["Regex"] != nil:
            let pattern = try textPattern(value, at: place)
            guard pattern.findsPrintableASCIIAlone else {
                throw unsupported("\(place).pattern.Regex", "\"\(pattern.expression)\" after ByteLevel")
            }
            return .matches(
                pattern, try joining(value, at: place), isInverted: value["invert"]?.bool ?? false)
        default: throw unsupported("\(place).type", "\"\(type)\" after ByteLevel")
        }
    }

    /// A cut at a string; nil where normalization leaves none, as of the spaces of Gemma.
    private func stringCut(
        _ value: JSONValue, at place: String
    ) throws(TokenizerError) -> PreTokenization.Cut? {
        let behavior = value["behavior"]?.string ?? ""
        guard let text = value["pattern"]?["String"]?.string, !text.isEmpty,
            let joining = PreTokenization.Joining(rawValue: behavior), value["invert"]?.bool != true
        else { throw unsupported("\(place).behavior", "\"\(behavior)\"") }
        let string = Array(text.utf8)
        if case .replaced(string, let new)? = normalization.last, !new.contains(string[0]), string.count == 1
        {
            return nil
        }
        return .string(string, joining)
    }

    private func readMetaspace(
        _ value: JSONValue, at place: String, into result: inout PreTokenization
    ) throws(TokenizerError) {
        try requireWordMark(value["replacement"], at: "\(place).replacement")
        result.prefix = try metaspacePrefix(value, at: place)
        if result.cuts == [.matches(.whiteSpace, .removed)], result.prefix == .wordMark(onlyFirst: false),
            value["split"]?.bool ?? true
        {
            (result.cuts, result.marksWords) = ([.wordMarks], true)
            return
        }
        guard result.cuts.isEmpty else { throw unsupported(place, "Metaspace after another cut") }
        result.marksSpaces = true
        if value["split"]?.bool ?? true { result.cuts.append(.wordMarks) }
    }

    private func metaspacePrefix(
        _ value: JSONValue, at place: String
    ) throws(TokenizerError) -> PreTokenization.Prefix {
        // Older files say only whether there is a prefix.
        let standard = value["add_prefix_space"]?.bool == false ? "never" : "always"
        switch value["prepend_scheme"]?.string ?? standard {
        case "always": return .wordMark(onlyFirst: false)
        case "first": return .wordMark(onlyFirst: true)
        case "never": return .none
        case let scheme: throw unsupported("\(place).prepend_scheme", "\"\(scheme)\"")
        }
    }

    private func requireWordMark(_ value: JSONValue?, at place: String) throws(TokenizerError) {
        guard let text = value?.string, Array(text.utf8) == PreTokenization.wordMark else {
            throw unsupported(place, value?.string.map { "\"\($0)\"" } ?? "a pattern")
        }
    }

    // MARK: After merging

    /// The decoders repeat what is known already, except whether a space at the beginning is left out.
    private mutating func readDecoder(_ value: JSONValue, at place: String) throws(TokenizerError) {
        var textStart = TokenDecoding.Start.kept
        try forEachComponent(value, at: place, parts: "decoders") {
            (type, value, place) throws(TokenizerError) in
            switch type {
            case "ByteLevel" where isByteLevel, "ByteFallback", "Fuse": break
            case "Replace" where !isByteLevel:
                try requireWordMark(value["pattern"]?["String"], at: "\(place).pattern")
                guard value["content"]?.string == " " else {
                    throw unsupported("\(place).content", "no space")
                }
            case "Strip":
                guard value["content"]?.string == " ", value["stop"]?.integer == 0,
                    let start = value["start"]?.integer, start <= 1
                else { throw unsupported(place, "stripping anything but one space at the start") }
                textStart = start == 1 ? .withoutSpace : .kept
            case "Metaspace" where !isByteLevel:
                try requireWordMark(value["replacement"], at: "\(place).replacement")
                textStart = try metaspacePrefix(value, at: place) == .none ? .kept : .withoutMarks
            default: throw unsupported("\(place).type", "\"\(type)\"")
            }
        }
        start = textStart
    }

    private mutating func readPostProcessor(_ value: JSONValue, at place: String) throws(TokenizerError) {
        var result = BytePairTokenizer.Boundaries()
        try forEachComponent(value, at: place, parts: "processors") {
            (type, value, place) throws(TokenizerError) in
            switch type {
            case "ByteLevel": break
            case "TemplateProcessing": result = try template(value, at: place)
            case "RobertaProcessing", "BertProcessing":
                result = BytePairTokenizer.Boundaries()
                result.before = [try idOfPair(value["cls"], at: "\(place).cls")]
                result.after = [try idOfPair(value["sep"], at: "\(place).sep")]
            default: throw unsupported("\(place).type", "\"\(type)\"")
            }
        }
        boundaries = result
    }

    /// The id of a token with its id, as in `["<s>", 0]`.
    private func idOfPair(_ value: JSONValue?, at place: String) throws(TokenizerError) -> Int32 {
        guard let pair = value?.array, pair.count == 2, pair[0].string != nil,
            let id = pair[1].integer.flatMap({ Int32(exactly: $0) }), id >= 0
        else {
            throw .malformed(
                file: file, place: place, expected: "a token and its id", found: "something else")
        }
        return id
    }

    /// The ids before and after the text in a template for one text.
    private func template(
        _ value: JSONValue, at place: String
    ) throws(TokenizerError) -> BytePairTokenizer.Boundaries {
        var result = BytePairTokenizer.Boundaries()
        var isAfter = false
        for (index, part) in (value["single"]?.array ?? []).enumerated() {
            let place = "\(place).single[\(index)]"
            if part["Sequence"]?["id"]?.string != nil {
                guard !isAfter else { throw unsupported(place, "the text twice") }
                isAfter = true
                continue
            }
            let name = part["SpecialToken"]?["id"]?.string ?? ""
            guard let ids = value["special_tokens"]?[name]?["ids"]?.array else {
                throw .malformed(
                    file: file, place: place, expected: "a special token with ids", found: "\"\(name)\"")
            }
            for id in ids {
                guard let id = id.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                    throw .malformed(
                        file: file, place: place, expected: "ids", found: "something else")
                }
                if isAfter { result.after.append(id) } else { result.before.append(id) }
            }
        }
        guard isAfter else {
            throw .malformed(
                file: file, place: "\(place).single", expected: "a place for the text", found: "none")
        }
        return result
    }
}
