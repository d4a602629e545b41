import Foundation

/// Standard output could not be written, as when the disk is full.
struct OutputError: CommandError, CustomStringConvertible {
    /// The number of the system's error.
    let code: Int32

    var outcome: Outcome { .inputOutput }
    var description: String { "standard output: cannot be written: \(String(cString: strerror(code)))" }
}

/// Writes to standard output. A reader that has gone ends the process, as it does with every command.
func standardOutput(_ bytes: some Collection<UInt8>) throws(OutputError) {
    guard writeAll(bytes, to: STDOUT_FILENO) else { throw OutputError(code: errno) }
}

/// Makes sure that what was printed has been written.
func finishPrinting() throws(OutputError) {
    guard fflush(nil) == 0 else { throw OutputError(code: errno) }
}

/// Writes to standard error; if that fails, there is nobody left to tell.
func standardError(_ text: String) { _ = writeAll(text.utf8, to: STDERR_FILENO) }

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
