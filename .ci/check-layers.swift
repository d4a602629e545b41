// Checks that a package's arrows point down:
//
// - a Swift file imports only its target's direct dependencies and the system's modules;
// - a C file includes only its target's own headers, the C library's and those of its system libraries;
// - the folders of a target, at any depth, do not use each other in a circle;
// - no more than two files of a target use each other in a circle.
//
// Reads what `swift package describe --type json` prints from standard input. SwiftPM's own
// `--explicit-target-dependency-import-check error` accepts an import of a transitive dependency.

import Foundation

struct Package: Decodable {
    struct Target: Decodable {
        var name: String
        var path: String
        var moduleType: String
        var targetDependencies: [String]?
        var productDependencies: [String]?
    }

    var name: String
    var path: String
    var targets: [Target]
}

let systemModules: Set = [
    "Swift", "Foundation", "Dispatch", "Synchronization", "Glibc", "Musl", "Darwin", "Testing",
]
/// libc, libm, pthread, the compiler's intrinsics, and CBLAS.
let systemHeaders: Set = [
    "assert.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdatomic.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "time.h", "unistd.h",
    "pthread.h", "sched.h", "signal.h", "sys/mman.h", "sys/sysctl.h", "immintrin.h", "x86intrin.h", "cpuid.h",
    "arm_neon.h",
    "cblas.h", "openblas_config.h", "zlib.h", "Accelerate/Accelerate.h",
]

struct SourceFile {
    let path: String
    let folder: String
    /// The text without comments and string literals.
    let code: String
    let text: String

    init(path: String, in directory: String) throws {
        self.path = path
        folder = path.split(separator: "/").dropLast().joined(separator: "/")
        text = try String(contentsOfFile: directory + "/" + path, encoding: .utf8)
        code = text.replacing(#/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*[\s\S]*?\*//#, with: " ")
    }

    /// The modules that a Swift file imports.
    var imports: [String] {
        let pattern =
            #/(?m)^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?/#
            .asciiOnlyWordCharacters()
        let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
        return code.components(separatedBy: "\n").compactMap { line in
            guard let prefix = line.prefixMatch(of: pattern) else { return nil }
            var words = line[prefix.range.upperBound...].split(whereSeparator: \.isWhitespace)
            guard words.first == "import", words.count > 1 else { return nil }
            words.removeFirst()
            if kinds.contains(String(words[0])), words.count > 1 { words.removeFirst() }
            return words[0].split(separator: ".").first.map(String.init)
        }
    }

    /// The headers that a C file includes, and whether it stands in quotes.
    var includes: [(header: String, isQuoted: Bool)] {
        text.matches(of: #/(?m)^\s*#\s*(?:include|import)\s*([<"])([^>"]+)[>"]/#).map {
            (String($0.output.2), $0.output.1 == "\"")
        }
    }

    /// The types that a Swift file defines outside of any other; an extension defines none.
    var types: [String] {
        let definition =
            #/
            (?m) ^ (?: @\w+ (?: \( [^)]* \) )? \s+ )*
            (?: (?: public|package|internal|private|fileprivate|final|indirect|nonisolated ) \s+ )*
            (?: struct|class|enum|protocol|actor|typealias ) \s+ (\w+)
            /#
        return code.matches(of: definition).map { String($0.output.1) }
    }

    var words: Set<String> {
        Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    }
}

func sourceFiles(in directory: String, endingIn endings: [String]) throws -> [SourceFile] {
    try (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? [])
        .filter { path in endings.contains { path.hasSuffix($0) } }
        .sorted()
        .map { try SourceFile(path: $0, in: directory) }
}

/// Who uses whom: from one room of a target to another, with a file and the type it names.
///
/// A room is a file or a folder; one uses another when it names a type that only the other defines.
struct Uses {
    private var uses: [String: [String: String]] = [:]

    init(_ files: [SourceFile], room: (SourceFile) -> String) {
        var owners: [String: Set<String>] = [:]
        for file in files {
            for type in file.types { owners[type, default: []].insert(room(file)) }
        }
        for file in files {
            for word in file.words {
                guard let rooms = owners[word], rooms.count == 1, let other = rooms.first, other != room(file)
                else { continue }
                uses[room(file), default: [:]][other] = "\(file.path) names \(word)"
            }
        }
    }

    /// The shortest way from one room to another, or around from a room to itself.
    private func way(from start: String, to end: String) -> [(room: String, use: String)]? {
        var ways: [[(room: String, use: String)]] = [[]]
        var seen: Set<String> = []
        while !ways.isEmpty {
            let steps = ways.removeFirst()
            for (next, use) in (uses[steps.last?.room ?? start] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let way = steps + [(next, use)]
                if next == end { return way }
                if seen.insert(next).inserted { ways.append(way) }
            }
        }
        return nil
    }

    /// The circles of more than a number of rooms, each once, by the uses that close them.
    func circles(ofMoreThan most: Int) -> [String] {
        var reported: Set<Set<String>> = []
        return uses.keys.sorted().compactMap { room in
            guard let circle = way(from: room, to: room), circle.count > most,
                reported.insert(Set(circle.map(\.room))).inserted
            else { return nil }
            return circle.map { "→ \($0.room): \($0.use)" }.joined(separator: "\n    ")
        }
    }
}

let decoder = JSONDecoder()
decoder.keyDecodingStrategy = .convertFromSnakeCase
let package = try decoder.decode(Package.self, from: FileHandle.standardInput.readDataToEndOfFile())
var complaints: [String] = []
var fileCount = 0

for target in package.targets {
    let directory = package.path + "/" + target.path
    let dependencies = Set((target.targetDependencies ?? []) + (target.productDependencies ?? []))
    switch target.moduleType {
    case "SwiftTarget":
        let files = try sourceFiles(in: directory, endingIn: [".swift"])
        fileCount += files.count
        for file in files {
            for module in file.imports where !dependencies.union(systemModules).contains(module) {
                complaints.append(
                    "\(target.path)/\(file.path) imports \(module), which is no direct dependency of \(target.name)"
                )
            }
        }
        for circle in Uses(files, room: \.folder).circles(ofMoreThan: 1) {
            complaints.append("folders of \(target.name) use each other in a circle\n    \(circle)")
        }
        for circle in Uses(files, room: \.path).circles(ofMoreThan: 2) {
            complaints.append("files of \(target.name) use each other in a circle\n    \(circle)")
        }
    case "ClangTarget":
        let files = try sourceFiles(in: directory, endingIn: [".c", ".h", ".inc"])
        fileCount += files.count
        let own = Set(files.map { ($0.path as NSString).lastPathComponent })
        for file in files {
            for (header, isQuoted) in file.includes
            where isQuoted ? !own.contains(header) : !systemHeaders.contains(header) {
                complaints.append(
                    "\(target.path)/\(file.path) includes \(header), which is neither \(target.name)'s nor the system's"
                )
            }
        }
    default:
        break
    }
}

guard complaints.isEmpty else {
    print(complaints.joined(separator: "\n"))
    exit(1)
}
print("\(package.name): \(package.targets.count) targets, \(fileCount) files, every arrow points down")
