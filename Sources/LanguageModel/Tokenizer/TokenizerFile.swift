internal import Foundation
internal import NeuralCore

/// Reading and writing whole files, with the errors of tokenizers.
enum TokenizerFile {
    /// No vocabulary in use is near this size.
    private static let largest = 1 << 28

    /// The contents of a regular file.
    static func read(_ url: URL) throws(TokenizerError) -> [UInt8] {
        let path = url.path(percentEncoded: false)
        let resolved = url.resolvingSymlinksInPath().path(percentEncoded: false)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else {
            throw .file(.missing(file: path))
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw .file(.unreadable(file: path, reason: "it is not a regular file"))
        }
        let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
        guard size <= largest else { throw .tooLarge(file: path, bytes: size, limit: largest) }
        do {
            return try [UInt8](Data(contentsOf: url))
        } catch {
            throw .file(.unreadable(file: path, reason: error.localizedDescription))
        }
    }

    /// Replaces a file as a whole.
    static func write(_ bytes: [UInt8], to url: URL) throws(TokenizerError) {
        do {
            try writeAtomically(bytes, to: url)
        } catch {
            throw .file(error)
        }
    }
}
