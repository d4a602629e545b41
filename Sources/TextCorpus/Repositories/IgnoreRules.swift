/// The rules of one `.gitignore` file.
///
/// - SeeAlso: [gitignore(5)](https://git-scm.com/docs/gitignore). Departures: none known. A pattern is
///   matched in time proportional to its length times the path's, whatever asterisks are in it.
package struct IgnoreRules {
    private struct Rule {
        var pattern: [PathPattern]
        /// The rule holds for a name at any depth.
        var isFloating: Bool
        var onlyFolders: Bool
        var includes: Bool
    }

    private var rules: [Rule] = []

    var isEmpty: Bool { rules.isEmpty }

    package init(_ text: String) {
        var bytes = Array(text.utf8)[...]
        // Git, too, passes over a byte order mark.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        for line in bytes.split(separator: 0x0a) {
            if let rule = Self.rule(Array(line.last == 0x0d ? line.dropLast() : line)) { rules.append(rule) }
        }
    }

    /// True if the last rule that matches ignores the path; nil when no rule matches.
    ///
    /// - Parameter path: Its folders and name, from the folder of the rules on.
    func ignores(_ path: ArraySlice<[UInt8]>, isFolder: Bool) -> Bool? {
        for rule in rules.reversed() where isFolder || !rule.onlyFolders {
            let matches =
                rule.isFloating
                ? path.last.map { rule.pattern[0].matches($0) } ?? false
                : PathPattern.matches(rule.pattern, path)
            if matches { return !rule.includes }
        }
        return nil
    }

    private static func rule(_ line: [UInt8]) -> Rule? {
        var line = line[...]
        if line.first == UInt8(ascii: "#") { return nil }
        // Spaces at the end do not count, but for those behind a backslash.
        while line.last == 0x20, line.dropLast().last != UInt8(ascii: "\\") { line.removeLast() }
        let includes = line.first == UInt8(ascii: "!")
        if includes { line.removeFirst() }
        let onlyFolders = line.last == UInt8(ascii: "/")
        if onlyFolders { line.removeLast() }
        guard !line.isEmpty else { return nil }
        let isFloating = !line.contains(UInt8(ascii: "/"))
        if line.first == UInt8(ascii: "/") { line.removeFirst() }
        let parts = line.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let pattern = parts.map { PathPattern(Array($0)) }
        return Rule(pattern: pattern, isFloating: isFloating, onlyFolders: onlyFolders, includes: includes)
    }
}

/// The rules that hold in a folder: its own and those of the folders above it.
package struct IgnoreStack {
    private var levels: [(depth: Int, rules: IgnoreRules)] = []

    package init() {}

    /// Comes to a folder, given as its path's parts, leaving those that are not above it.
    package mutating func enter(depth: Int) { levels.removeAll { $0.depth >= max(depth, 1) } }

    /// Adds rules for everything below the folder that was entered.
    package mutating func add(_ rules: IgnoreRules, depth: Int) {
        if !rules.isEmpty { levels.append((depth, rules)) }
    }

    /// True if a path is ignored; the rules nearest to it decide.
    package func ignores(_ path: String, isFolder: Bool) -> Bool {
        guard !levels.isEmpty else { return false }
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        for (depth, rules) in levels.reversed() {
            if let verdict = rules.ignores(parts[depth...], isFolder: isFolder) { return verdict }
        }
        return false
    }
}

/// A pattern for one part of a path: `*.o`, `[a-z]?`, or `**` for any number of parts.
struct PathPattern {
    private enum Piece {
        case byte(UInt8)
        case any
        case anyRun
        case oneOf([Bool])
    }

    private var pieces: [Piece] = []
    private var isImpossible = false
    /// Stands for any number of parts.
    private(set) var spansFolders = false

    init(_ pattern: [UInt8]) {
        spansFolders = pattern == Array("**".utf8)
        var index = 0
        while index < pattern.count {
            switch pattern[index] {
            case UInt8(ascii: "*"):
                if case .anyRun? = pieces.last {} else { pieces.append(.anyRun) }
            case UInt8(ascii: "?"): pieces.append(.any)
            case UInt8(ascii: "["):
                guard let (set, end) = Self.set(pattern, from: index + 1) else {
                    isImpossible = true
                    return
                }
                pieces.append(.oneOf(set))
                index = end
                continue
            case UInt8(ascii: "\\"):
                index += 1
                guard index < pattern.count else {
                    isImpossible = true
                    return
                }
                pieces.append(.byte(pattern[index]))
            default: pieces.append(.byte(pattern[index]))
            }
            index += 1
        }
    }

    /// True if the pattern matches a whole name.
    func matches(_ name: [UInt8]) -> Bool {
        if isImpossible { return false }
        var piece = 0
        var index = 0
        var retry: (piece: Int, index: Int)?
        while index < name.count {
            if piece < pieces.count {
                switch pieces[piece] {
                case .anyRun:
                    // It is enough to come back to the last asterisk: a longer run before it gains nothing.
                    retry = (piece + 1, index)
                    piece += 1
                    continue
                case .byte(let byte) where byte == name[index]:
                    (piece, index) = (piece + 1, index + 1); continue
                case .any: (piece, index) = (piece + 1, index + 1); continue
                case .oneOf(let set) where set[Int(name[index])]:
                    (piece, index) = (piece + 1, index + 1); continue
                default: break
                }
            }
            guard let last = retry else { return false }
            retry = (last.piece, last.index + 1)
            (piece, index) = (last.piece, last.index + 1)
        }
        return pieces[piece...].allSatisfy {
            if case .anyRun = $0 { true } else { false }
        }
    }

    /// True if patterns match a whole path, part by part.
    static func matches(_ patterns: [PathPattern], _ path: ArraySlice<[UInt8]>) -> Bool {
        var pattern = 0
        var index = path.startIndex
        var retry: (pattern: Int, index: Int)?
        while index < path.endIndex {
            if pattern < patterns.count {
                if patterns[pattern].spansFolders {
                    // At the end it stands for what is inside a folder, at least one part.
                    if pattern == patterns.count - 1 { return true }
                    retry = (pattern + 1, index)
                    pattern += 1
                    continue
                }
                if patterns[pattern].matches(path[index]) {
                    (pattern, index) = (pattern + 1, index + 1)
                    continue
                }
            }
            guard let last = retry else { return false }
            retry = (last.pattern, last.index + 1)
            (pattern, index) = (last.pattern, last.index + 1)
        }
        return pattern == patterns.count
    }

    /// The bytes of a bracket expression, and where it ends.
    private static func set(_ pattern: [UInt8], from start: Int) -> ([Bool], end: Int)? {
        var set = [Bool](repeating: false, count: 256)
        var index = start
        let isNegated =
            index < pattern.count
            && (pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^"))
        if isNegated { index += 1 }
        let first = index
        while index < pattern.count {
            if pattern[index] == UInt8(ascii: "]"), index > first {
                return (isNegated ? set.map { !$0 } : set, index + 1)
            }
            if pattern[index...].starts(with: "[:".utf8),
                let close = pattern[index...].dropFirst(2).firstIndex(of: UInt8(ascii: ":")),
                close + 1 < pattern.count, pattern[close + 1] == UInt8(ascii: "]"),
                let members = Self.named[String(decoding: pattern[index + 2..<close], as: UTF8.self)]
            {
                for byte in 0..<128 where members(UInt8(byte)) { set[byte] = true }
                index = close + 2
                continue
            }
            guard let low = element(pattern, &index) else { return nil }
            var high = low
            if index + 1 < pattern.count, pattern[index] == UInt8(ascii: "-"),
                pattern[index + 1] != UInt8(ascii: "]")
            {
                index += 1
                guard let end = element(pattern, &index) else { return nil }
                high = end
            }
            if low <= high { for byte in low...high { set[Int(byte)] = true } }
        }
        return nil
    }

    private static func element(_ pattern: [UInt8], _ index: inout Int) -> UInt8? {
        if pattern[index] == UInt8(ascii: "\\") { index += 1 }
        guard index < pattern.count else { return nil }
        defer { index += 1 }
        return pattern[index]
    }

    private static let named: [String: @Sendable (UInt8) -> Bool] = [
        "alpha": { 0x61...0x7a ~= $0 | 0x20 },
        "digit": { 0x30...0x39 ~= $0 },
        "alnum": { 0x61...0x7a ~= $0 | 0x20 || 0x30...0x39 ~= $0 },
        "upper": { 0x41...0x5a ~= $0 },
        "lower": { 0x61...0x7a ~= $0 },
        "space": { $0 == 0x20 || 0x09...0x0d ~= $0 },
        "blank": { $0 == 0x20 || $0 == 0x09 },
        "punct": { 0x21...0x7e ~= $0 && !(0x61...0x7a ~= $0 | 0x20) && !(0x30...0x39 ~= $0) },
        "xdigit": { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 | 0x20 },
    ]
}
