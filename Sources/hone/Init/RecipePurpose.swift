import Foundation

/// The purpose of a recipe.
enum RecipePurpose: String, CaseIterable {
    case base, assistant, preferred, judge

    var description: String {
        switch self {
        case .base: "a base model, which goes on with text"
        case .assistant: "an assistant, which answers"
        case .preferred: "an assistant that people prefer, by their opinions"
        case .judge: "a reward model, which judges answers"
        }
    }

    /// Creates the most probable purpose for this data.
    init(for data: GivenData) {
        self =
            data.isTown || !data.preferences.paths.isEmpty
            ? .preferred : data.conversations.paths.isEmpty ? .base : .assistant
    }

    /// - Parameter data: The data to train on.
    init(_ word: String, with data: GivenData) throws {
        guard let purpose = Self(rawValue: word.lowercased()) else {
            throw Questions.Unusable(
                expected: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        func need(_ files: GivenData.Files, _ what: String) throws {
            guard data.isTown || !files.paths.isEmpty else {
                throw Questions.Unusable(expected: "another purpose, or \(what) among the data")
            }
        }
        if purpose == .assistant { try need(data.conversations, "conversations") }
        if [.preferred, .judge].contains(purpose) { try need(data.preferences, "preferences") }
        if data.model == nil || purpose == .base {
            try need(
                data.texts, data.model == nil ? "a model to begin from, or texts to make one of" : "texts")
        }
        if data.model == nil, [.preferred, .judge].contains(purpose) {
            try need(data.conversations, "conversations, since a base model does not answer yet, or a model,")
        }
        self = purpose
    }
}

/// The machine that a recipe is for.
struct Machine {
    var cores: Int
    /// Gigabytes.
    var memory: Double

    /// This machine, as it would be typed.
    static var this: String {
        let memory = Double(ProcessInfo.processInfo.physicalMemory) / 1e9
        return "\(ProcessInfo.processInfo.activeProcessorCount) cores, \(Int(memory.rounded())) GB"
    }

    /// - Parameter text: As in `8 cores, 32 GB`; a number alone is that of cores.
    init(_ text: String) throws {
        let pattern = #/(?i)(\d{1,5})\s*(?:cores?|cpus?)?(?:[\s,;x]+(\d{1,6}(?:\.\d+)?)\s*GB?)?/#
        guard let match = text.wholeMatch(of: pattern), let cores = Int(match.output.1), cores > 0 else {
            throw Questions.Unusable(expected: "cores and memory, as in 8 cores, 32 GB")
        }
        self.cores = cores
        memory = match.output.2.flatMap { Double($0) } ?? Double(cores) * 2
        guard memory > 0 else { throw Questions.Unusable(expected: "some memory, as in 32 GB") }
    }

    /// Floating-point operations a second that training does, about: measured 75 GF/s for a core with AVX512-BF16.
    var speed: Double { Double(cores) * 6e10 }

    /// Minutes in words such as `20`, `20 minutes`, `1.5 h`, `2 days`.
    static func minutes(_ text: String) throws -> Double {
        let pattern = #/(?i)(\d{1,6}(?:\.\d{1,6})?)\s*(?:(m)(?:in(?:ute)?s?)?|(h)(?:ours?)?|(d)(?:ays?)?)?/#
        guard let match = text.wholeMatch(of: pattern), let number = Double(match.output.1) else {
            throw Questions.Unusable(expected: "a time, as in 20 minutes, 1.5 hours or 2 days")
        }
        let minutes = number * (match.output.3 != nil ? 60 : match.output.4 != nil ? 1440 : 1)
        guard minutes >= 0.1, minutes <= 525_600 else {
            throw Questions.Unusable(expected: "from 0.1 minutes to a year")
        }
        return minutes
    }
}
