import Foundation
import Synchronization

/// Standard output could not be written, as when the disk is full.
struct OutputError: CommandError, CustomStringConvertible {
    /// The number of the system's error.
    let code: Int32

    var outcome: Outcome { .inputOutput }
    var description: String { "standard output: cannot be written: \(String(cString: strerror(code)))" }
}

/// What goes to standard output is kept here instead while something waits for it.
private let captured = Mutex<[UInt8]?>(nil)

/// What `body` writes to standard output, which is not written there.
func capturingOutput(_ body: () throws -> Void) rethrows -> [UInt8] {
    captured.withLock { $0 = [] }
    defer { captured.withLock { $0 = nil } }
    try body()
    return captured.withLock { $0 ?? [] }
}

/// True while standard output is kept.
var isOutputCaptured: Bool { captured.withLock { $0 != nil } }

/// Writes to standard output. A reader that has gone ends the process, as it does with every command.
func standardOutput(_ bytes: some Collection<UInt8>) throws(OutputError) {
    let isKept = captured.withLock { kept in
        kept?.append(contentsOf: bytes)
        return kept != nil
    }
    if isKept { return }
    guard writeAll(bytes, to: STDOUT_FILENO) else { throw OutputError(code: errno) }
}

/// Makes sure that what was printed has been written.
func finishPrinting() throws(OutputError) {
    guard fflush(nil) == 0 else { throw OutputError(code: errno) }
}

/// True in a process beside another that speaks for both.
private let isSilenced = Atomic(false)

/// Has ``standardError(_:)`` say nothing from now on.
func silenceNotes() { isSilenced.store(true, ordering: .relaxed) }

/// Writes to standard error; if that fails, there is nobody left to tell.
func standardError(_ text: String) {
    if !isSilenced.load(ordering: .relaxed) { errorOfSilenced(text) }
}

/// Writes to standard error, from a process that is silent otherwise as well.
func errorOfSilenced(_ text: String) { _ = writeAll(text.utf8, to: STDERR_FILENO) }

/// Whether all bytes were taken; `errno` says why not.
private func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    Array(bytes).withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { return false }
            rest = rest.dropFirst(written)
        }
        return true
    }
}

/// The capabilities of a stream of the process: plain text, or a terminal's control sequences.
///
/// Colors are left out where there is no terminal, and where `NO_COLOR` asks for it (https://no-color.org).
struct TerminalStyle {
    /// Whether a line can be rewritten.
    let isTerminal: Bool
    /// Whether text can be colored.
    let isColored: Bool
    private let descriptor: Int32

    /// Determines the capabilities from a stream and the environment.
    init(
        of descriptor: Int32 = STDOUT_FILENO,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        isColored = isTerminal && environment["NO_COLOR", default: ""].isEmpty
    }

    /// Characters in a line.
    var width: Int {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// The text in a color, by its number in the standard (SGR), or as it is.
    func colored(_ text: String, _ code: String) -> String {
        isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Text from outside with the characters made visible that would act on the terminal.
    static func harmless(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let acts = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            result += acts ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return result
    }
}
