import Foundation
import TestSupport
import Testing

/// What the command writes to a terminal, to a file, and where nothing can be written.
@Suite struct TerminalTests {
    /// What a short run of training writes to standard error, a terminal of so many columns.
    private func shown(columns: UInt16, _ environment: [String: String] = [:]) throws -> String {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let terminal = try PseudoTerminal(columns: columns)
            let run = try HoneProcess(
                tinyPretraining(to: "base", steps: 12), in: folder,
                environment: ["TERM": "xterm", "NO_COLOR": ""].merging(environment) { $1 },
                errors: terminal.end)
            let shown = try terminal.contents()
            #expect(try run.outcome().code == 0)
            return shown
        }
    }

    @Test(arguments: [10, 40, 80, 120] as [UInt16]) func progressFitsIntoItsLine(columns: UInt16) throws {
        let shown = try shown(columns: columns)
        let plain = shown.replacing(#/\u{1B}\[[0-9]*[a-zA-Z]/#, with: "")
        let states = plain.split(whereSeparator: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" })
            .filter { $0.hasPrefix("pretrain ") }
        #expect(!states.isEmpty)
        for state in states { #expect(state.count < Int(columns), "\(state)") }
    }

    @Test func colorsAreLeftOutOnDemand() throws {
        #expect(try shown(columns: 100).contains("\u{1B}[32m"))
        #expect(try !shown(columns: 100, ["NO_COLOR": "1"]).contains(#/\u{1B}\[[0-9]+m/#))
        #expect(try !shown(columns: 100, ["TERM": "dumb"]).contains("\u{1B}"))
    }

    @Test func aFileGetsPlainLines() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let run = try HoneProcess(tinyPretraining(to: "base", steps: 12), in: folder).outcome()
            #expect(run.code == 0)
            #expect(run.errors.contains("pretrain 100 % · loss"))
            #expect(!run.errors.contains("\u{1B}") && !run.errors.contains("\r"))
        }
    }

    #if os(Linux)
    @Test(arguments: [
        ["tokenizer", "encode", "--tokenizer", "tokenizer.json", "text.txt"],
        ["corpus", "text.txt", "--output", "corpus", "--minimum-quality", "off"],
    ])
    func aFullDiskBehindStandardOutputIsNamed(arguments: [String]) throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
            let outcome = try HoneProcess(arguments, in: folder, output: full).outcome()
            #expect(outcome.code == 74)
            #expect(outcome.errors.contains("standard output: cannot be written"), "\(outcome.errors)")
        }
    }

    @Test func aFullDiskBehindStandardErrorChangesNothing() throws {
        try withTemporaryFolder { folder in
            try prepareTinyCorpus(in: folder)
            let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
            let run = try HoneProcess(tinyPretraining(to: "base", steps: 2), in: folder, errors: full)
            #expect(try run.outcome().code == 0)
        }
    }
    #endif
}
