import Foundation

/// The command as its users run it: a process with arguments, output and an exit code.
struct HoneProcess {
    let process = Process()
    private let output = Pipe()
    private let errors: URL?

    /// What a finished process left.
    struct Outcome {
        var code: Int32
        var output: String
        var errors: String
    }

    /// Starts `hone`.
    ///
    /// - Parameters:
    ///   - input: What it reads from standard input; no more than a pipe holds.
    ///   - output: Where standard output goes; nil for the outcome.
    ///   - errors: Where standard error goes; nil for the outcome.
    init(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: Data? = nil,
        output given: FileHandle? = nil, errors givenErrors: FileHandle? = nil
    ) throws {
        // The test bundle lies beside the products that were built with it.
        let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = [products, products.deletingLastPathComponent(), Self.buildFolder]
            .map { $0.appending(component: "hone") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        if let input {
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: input)
            try pipe.fileHandleForWriting.close()
            process.standardInput = pipe
        }
        process.standardOutput = given ?? output as Any
        if let givenErrors {
            errors = nil
            process.standardError = givenErrors
        } else {
            let file = folder.appending(component: "errors-\(UUID().uuidString).txt")
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            process.standardError = try FileHandle(forWritingTo: file)
            errors = file
        }
        try process.run()
        if given != nil { try output.fileHandleForWriting.close() }
    }

    private static var buildFolder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../.build/release")
            .standardized
    }

    /// Waits for the end.
    ///
    /// - Parameter seconds: How long it may take before it is killed; nil for as long as it takes.
    func outcome(within seconds: Double? = nil) throws -> Outcome {
        let killing = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
        if let seconds { DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: killing) }
        defer { killing.cancel() }
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let signalled = process.terminationReason == .uncaughtSignal
        return Outcome(
            code: signalled ? -process.terminationStatus : process.terminationStatus,
            output: String(decoding: said, as: UTF8.self),
            errors: try errors.map { try String(contentsOf: $0, encoding: .utf8) } ?? "")
    }

    /// Starts `hone` and waits for its end.
    static func run(
        _ arguments: String..., in folder: URL, environment: [String: String] = [:]
    ) throws -> Outcome {
        try HoneProcess(arguments, in: folder, environment: environment).outcome()
    }
}
