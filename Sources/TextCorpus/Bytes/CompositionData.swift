/// The character data of `CanonicalComposition`.
struct CompositionData: Sendable {
    static let shared = CompositionData()

    private var combiningClasses = ContiguousArray<UInt8>(repeating: 0, count: 0x11_0000)
    private var decompositions: [UInt32: Decomposition] = [:]
    private var composites: [UInt64: UInt32] = [:]
    /// What characters are other forms of, such as ligatures and letters of full width.
    private var compatibility: [UInt32: [UInt32]] = [:]
    /// True if a character is changed by normalization, or may change together with the characters before it.
    private var doubts = ContiguousArray<Bool>(repeating: false, count: 0x11_0000)

    private struct Decomposition: Sendable {
        var first: UInt32
        var second: UInt32?
    }

    private init() {
        readCombiningClasses()
        readDecompositions()
        readCompatibility()
        for jamo in Hangul.vowels { doubts[Int(jamo)] = true }
        for jamo in Hangul.trails { doubts[Int(jamo)] = true }
        for scalar in combiningClasses.indices where combiningClasses[scalar] != 0 { doubts[scalar] = true }
        for (composite, _) in decompositions where startsInDoubt(composite) { doubts[Int(composite)] = true }
    }

    private mutating func readCombiningClasses() {
        var start = 0
        for run in "\(CompositionTables.combiningClasses)".split(separator: ";") {
            let parts = run.split(separator: ":").compactMap { Int($0) }
            if parts.count == 2 {
                for scalar in start..<start + parts[0] { combiningClasses[scalar] = UInt8(parts[1]) }
            }
            start += parts[0]
        }
    }

    private mutating func readDecompositions() {
        var composite: UInt32 = 0
        var first: Int32 = 0
        for entry in "\(CompositionTables.decompositions)".split(separator: ";") {
            let sides = entry.split(whereSeparator: { $0 == "=" || $0 == "!" })
            let parts = sides[1].split(separator: "+")
            composite += UInt32(sides[0], radix: 16) ?? 0
            first += Int32(parts[0], radix: 16) ?? 0
            let second = parts.count == 2 ? UInt32(parts[1], radix: 16) : nil
            decompositions[composite] = Decomposition(first: UInt32(first), second: second)
            if let second, !entry.contains("!") {
                composites[UInt64(first) << 32 | UInt64(second)] = composite
                doubts[Int(second)] = true
            } else {
                doubts[Int(composite)] = true
            }
        }
    }

    private mutating func readCompatibility() {
        var (composite, part): (UInt32, Int32) = (0, 0)
        let entries = "\(CompositionTables.compatibility)".split(separator: ";")
        for entry in entries {
            let sides = entry.split(separator: ":", omittingEmptySubsequences: false)
            composite += sides[0].isEmpty ? 1 : UInt32(sides[0], radix: 16) ?? 0
            compatibility[composite] = sides[1].split(separator: "+", omittingEmptySubsequences: false).map {
                part += $0.isEmpty ? 1 : Int32($0, radix: 16) ?? 0
                return UInt32(part)
            }
        }
    }

    /// True if the first character of the full decomposition may change together with what is before it.
    private func startsInDoubt(_ scalar: UInt32) -> Bool {
        guard let decomposition = decompositions[scalar] else { return doubts[Int(scalar)] }
        return startsInDoubt(decomposition.first)
    }

    func combiningClass(_ scalar: UInt32) -> UInt8 { combiningClasses[Int(scalar)] }

    /// True if a character is changed by normalization, or may change together with the characters before it.
    func mayChange(_ scalar: UInt32) -> Bool { doubts[Int(scalar)] }

    /// Appends the full canonical decomposition, or the full compatibility decomposition.
    func decompose(_ scalar: UInt32, isCompatible: Bool = false, into segment: inout [UInt32]) {
        if let (lead, vowel, trail) = Hangul.parts(of: scalar) {
            segment += [lead, vowel]
            if let trail { segment.append(trail) }
        } else if let decomposition = decompositions[scalar] {
            decompose(decomposition.first, isCompatible: isCompatible, into: &segment)
            if let second = decomposition.second {
                decompose(second, isCompatible: isCompatible, into: &segment)
            }
        } else if isCompatible, let parts = compatibility[scalar] {
            for part in parts { decompose(part, isCompatible: true, into: &segment) }
        } else {
            segment.append(scalar)
        }
    }

    /// The character that two others compose to.
    func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composite(first, second) ?? composites[UInt64(first) << 32 | UInt64(second)]
    }
}

/// Korean syllables, whose decomposition is arithmetic (The Unicode Standard, section 3.12).
private enum Hangul {
    static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3
    static let leads: ClosedRange<UInt32> = 0x1100...0x1112
    static let vowels: ClosedRange<UInt32> = 0x1161...0x1175
    static let trails: ClosedRange<UInt32> = 0x11A8...0x11C2
    /// A syllable has one of the trails, or none.
    static let trailChoices: UInt32 = 28
    static let vowelChoices: UInt32 = 21

    static func parts(of scalar: UInt32) -> (lead: UInt32, vowel: UInt32, trail: UInt32?)? {
        guard syllables.contains(scalar) else { return nil }
        let (pair, trail) = (scalar - syllables.lowerBound).quotientAndRemainder(dividingBy: trailChoices)
        let (lead, vowel) = pair.quotientAndRemainder(dividingBy: vowelChoices)
        return (
            leads.lowerBound + lead, vowels.lowerBound + vowel,
            trail == 0 ? nil : trails.lowerBound + trail - 1
        )
    }

    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leads.contains(first), vowels.contains(second) {
            let pair = (first - leads.lowerBound) * vowelChoices + second - vowels.lowerBound
            return syllables.lowerBound + pair * trailChoices
        }
        if trails.contains(second), syllables.contains(first),
            (first - syllables.lowerBound).isMultiple(of: trailChoices)
        {
            return first + second - trails.lowerBound + 1
        }
        return nil
    }
}
