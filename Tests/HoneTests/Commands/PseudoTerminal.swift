import Foundation

/// A terminal that shows nothing to nobody, and remembers what was written to it.
struct PseudoTerminal {
    /// What a process writes to.
    let end: FileHandle
    private let descriptor: Int32

    /// A terminal with so many characters in a line.
    init(columns: UInt16) throws {
        descriptor = posix_openpt(O_RDWR | O_NOCTTY)
        guard descriptor >= 0, grantpt(descriptor) == 0, unlockpt(descriptor) == 0,
            let name = ptsname(descriptor), let end = FileHandle(forUpdatingAtPath: String(cString: name))
        else { throw CocoaError(.fileReadUnknown) }
        self.end = end
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// All that is written until the last process closes its end.
    func contents() throws -> String {
        try end.close()
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &piece, piece.count), count > 0 { bytes += piece[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
