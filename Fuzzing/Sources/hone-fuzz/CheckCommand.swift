import ArgumentParser
import Foundation

/// `hone-fuzz check`: sees that the supervisor finds what must not pass, in readers that do it on purpose.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "See that readers which fail on purpose are found to fail.")

    func run() throws {
        let output = URL.temporaryDirectory.appending(component: "hone-fuzz-check-\(getpid())")
        defer { try? FileManager.default.removeItem(at: output) }
        let supervisor = Supervisor(
            seed: 1, inputs: 0..<Reader.inputsOfFaulty.count, seconds: 2, megabytes: 400, output: output.path)
        var isSound = true
        for reader in Reader.faulty {
            let found = try supervisor.failures(of: reader)
            let expected = reader.name == "throws" ? [] : [Reader.fatal]
            if found.map(\.number) != expected {
                isSound = false
                print("\(reader.name): expected the failures \(expected), found \(found)")
            }
        }
        if !isSound { throw ExitCode.failure }
        print("\(Reader.faulty.count) readers that fail on purpose are found to")
    }
}

extension Reader {
    /// Readers with a fault of each kind at one input, and one whose answer to it is an error, as it should be.
    static let faulty = [
        onPurpose("leaves") { exit(0) },
        onPurpose("fails") { exit(3) },
        onPurpose("traps") { fatalError("on purpose") },
        onPurpose("hangs") { sleep(60) },
        onPurpose("grows") {
            var held: [[UInt8]] = []
            for _ in 0..<2_048 {
                held.append([UInt8](repeating: 1, count: 1 << 20))
                usleep(1_000)
            }
            _ = held.count
        },
        onPurpose("throws") { throw CocoaError(.fileReadCorruptFile) },
    ]

    /// Their inputs, and which of them is the one.
    static let inputsOfFaulty: [[UInt8]] = (0..<6).map { [$0] }
    static let fatal = 3

    private static func onPurpose(
        _ name: String, _ fault: @escaping @Sendable () throws -> Void
    ) -> Reader {
        Reader(
            name, seeds: { _ in inputsOfFaulty },
            read: { bytes, _ in if bytes == inputsOfFaulty[fatal] { try fault() } })
    }
}
