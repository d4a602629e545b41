import Foundation

/// A terminal that shows nothing to nobody, and remembers what was written to it.
struct PseudoTerminal {
    /// What a process writes to.
    let end: FileHandle
    private let descriptor: Int32

    /// A terminal with so many characters in a line.
    init(columns: UInt16) throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        guard descriptor >= 0, let name = Self.name(ofOtherEnd: descriptor),
            let end = FileHandle(forUpdatingAtPath: name)
        else { throw CocoaError(.fileReadUnknown) }
        self.end = end
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Unlocks the other end of a terminal; nil if that fails.
    private static func name(ofOtherEnd descriptor: Int32) -> String? {
        #if canImport(Darwin)
        guard grantpt(descriptor) == 0, unlockpt(descriptor) == 0 else { return nil }
        return ptsname(descriptor).map { String(cString: $0) }
        #else
        // Glibc's names for these are not visible to Swift: TIOCSPTLCK and TIOCGPTN.
        let (lock, number): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        var (unlocked, terminal): (Int32, UInt32) = (0, 0)
        guard ioctl(descriptor, lock, &unlocked) == 0, ioctl(descriptor, number, &terminal) == 0 else {
            return nil
        }
        return "/dev/pts/\(terminal)"
        #endif
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
