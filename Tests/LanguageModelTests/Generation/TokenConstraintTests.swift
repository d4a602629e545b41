import Foundation
import LanguageModel
import NeuralCore
import Testing

/// What a model with random weights generates by schemas, checked by a reader of schemas that knows nothing of automata.
@Suite struct TokenConstraintTests {
    static let schemas = [
        #"{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":12},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","age"],"additionalProperties":false}"#,
        #"{"anyOf":[{"type":"integer","exclusiveMinimum":-7,"exclusiveMaximum":12},{"type":"string","maxLength":8}]}"#,
        #"{"type":"array","prefixItems":[{"type":"boolean"},{"type":"null"}],"items":{"type":"number","minimum":-2.5,"maximum":1000},"minItems":2,"maxItems":5}"#,
        #"{"type":"object","additionalProperties":{"type":"string","maxLength":6}}"#,
        #"{"type":"string","maxLength":20}"#,
        ##"{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"v":{"type":"integer","minimum":0},"c":{"type":"array","items":{"$ref":"#/$defs/t"},"maxItems":2}},"required":["v"],"additionalProperties":false}}}"##,
    ]

    func texts(
        _ schema: String, samples: Int = 24, maxTokens: Int = 1_500, stopTokens: Set<Int32>? = nil,
        sampling: Sampling = Sampling()
    ) throws -> [(text: String, ending: Decoding.Ending?)] {
        let constraint = try TokenConstraint(
            JSONSchema(parsing: schema), TokenTrie(ContinuationTests.tokenizer))
        var generation = try TextGeneration(
            StoredTransformer(ContinuationTests.model, as: .float32), ContinuationTests.tokenizer,
            prompts: [[100]], samples: samples,
            options: GenerationOptions(
                sampling: sampling, maxTokens: maxTokens, stopTokens: stopTokens, constraint: constraint),
            using: RandomSource(seed: 9))
        var texts = Array(repeating: "", count: samples)
        while !generation.isFinished {
            for piece in generation.step() { texts[piece.sequence] += piece.text }
        }
        return zip(texts, generation.sequences.map(\.ending)).map { ($0, $1) }
    }

    @Test(arguments: schemas) func everyCompleteTextFits(_ schema: String) throws {
        let rules = try JSONSerialization.jsonObject(with: Data(schema.utf8)) as! [String: Any]
        let texts = try texts(schema)
        let complete = texts.filter { $0.ending == .stopToken }
        #expect(complete.count > texts.count / 2)
        for (text, _) in complete {
            let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            #expect(SchemaReader(root: rules).fits(value, rules), "\(text)")
            #expect(!text.contains("\u{FFFD}"))
        }
    }

    @Test func aTextThatIsNotCompleteEndsWithItsLength() throws {
        let texts = try texts(#"{"type":"string","minLength":50}"#, samples: 4, maxTokens: 20)
        #expect(texts.allSatisfy { $0.ending == .length && $0.text.hasPrefix("\"") })
    }

    @Test func aCompleteTextEndsWithoutATokenThatEndsOne() throws {
        let texts = try texts(#"{"type":"boolean"}"#, samples: 4, stopTokens: [])
        #expect(texts.allSatisfy { $0.ending == .complete && ["true", "false"].contains($0.text) })
    }

    @Test(
        "Strings come to their bounds by tokens of any length",
        arguments: [
            0...0, 0...1, 0...5, 3...3, 0...17, 7...40, 0...100, 90...100, 0...3_000, 2_000...2_000,
            150...9_000,
        ])
    func bounds(_ counts: ClosedRange<Int>) throws {
        let tokenizer = try BytePairTokenizer(
            trainedOn: [String(repeating: "a", count: 4_096)], vocabularySize: 263)
        let constraint = try TokenConstraint(
            JSONSchema(
                parsing:
                    #"{"type":"string","minLength":\#(counts.lowerBound),"maxLength":\#(counts.upperBound)}"#),
            TokenTrie(tokenizer))
        let texts = (0..<Int32(tokenizer.vocabularySize)).map { tokenizer.bytes(of: $0) }
        #expect(texts.contains { $0.count > 30 })
        for isLong in [true, false] {
            // The longest run of letters that may follow, or single ones and the end as soon as there may be one.
            let logits = texts.map { text -> Float in
                if text == Array("\"".utf8) { return isLong ? 0 : 1 }
                return text.allSatisfy { $0 == UInt8(ascii: "a") }
                    ? Float(isLong ? text.count : -text.count) : -100
            }
            var sampler = TokenSampler(
                .greedy, prompt: [Int32](), constraint: constraint, using: RandomSource(seed: 1))
            var written: [UInt8] = []
            while !sampler.isFinished, written.count < 10_000 {
                written += texts[Int(logits.withUnsafeBufferPointer { sampler.next($0) })]
            }
            let letters = isLong ? counts.upperBound : counts.lowerBound
            #expect(
                String(decoding: written, as: UTF8.self) == "\"" + String(repeating: "a", count: letters)
                    + "\"")
        }
    }

    @Test(arguments: [Sampling.greedy, .topK(3), .topP(0.5), .minP(0.2)])
    func everySamplingRuleKeepsToIt(_ sampling: Sampling) throws {
        let texts = try texts(#"{"enum":["yes","no"]}"#, samples: 4, sampling: sampling)
        #expect(texts.allSatisfy { ["\"yes\"", "\"no\""].contains($0.text) && $0.ending == .stopToken })
    }
}

/// Says whether a value fits a schema of the few keywords that the tests have.
private struct SchemaReader {
    let root: [String: Any]

    func fits(_ value: Any, _ schema: [String: Any]) -> Bool {
        if let reference = schema["$ref"] as? String {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            let definitions = root["$defs"] as? [String: [String: Any]] ?? [:]
            return fits(value, definitions[name] ?? [:])
        }
        if let ways = schema["anyOf"] as? [[String: Any]] { return ways.contains { fits(value, $0) } }
        if let values = schema["enum"] as? [NSObject] { return values.contains { $0 == value as? NSObject } }
        switch schema["type"] as? String {
        case "null": return value is NSNull
        case "boolean": return value is Bool
        case "string":
            guard let text = value as? String else { return false }
            let count = text.unicodeScalars.count
            return count >= schema["minLength"] as? Int ?? 0 && count <= schema["maxLength"] as? Int ?? .max
        case "integer", "number":
            guard let number = value as? Double else { return false }
            return (schema["type"] as? String == "number" || number == number.rounded())
                && number >= schema["minimum"] as? Double ?? -.infinity
                && number <= schema["maximum"] as? Double ?? .infinity
                && number > schema["exclusiveMinimum"] as? Double ?? -.infinity
                && number < schema["exclusiveMaximum"] as? Double ?? .infinity
        case "array":
            guard let elements = value as? [Any] else { return false }
            let first = schema["prefixItems"] as? [[String: Any]] ?? []
            return elements.count >= schema["minItems"] as? Int ?? 0
                && elements.count <= schema["maxItems"] as? Int ?? .max
                && elements.enumerated().allSatisfy { index, element in
                    fits(
                        element, index < first.count ? first[index] : schema["items"] as? [String: Any] ?? [:]
                    )
                }
        case "object":
            guard let members = value as? [String: Any] else { return false }
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            let required = schema["required"] as? [String] ?? []
            return required.allSatisfy { members[$0] != nil }
                && members.allSatisfy { key, value in
                    if let property = properties[key] { return fits(value, property) }
                    guard let others = schema["additionalProperties"] as? [String: Any] else {
                        return schema["additionalProperties"] as? Bool != false
                    }
                    return fits(value, others)
                }
        default: return true
        }
    }
}
