/// Keeps keys, tokens and passwords out of the corpus.
public struct SecretRemoval: DocumentStep {
    /// The treatment of a document with a secret in it.
    public enum Treatment: String, Sendable, CaseIterable {
        /// The secret is replaced by `<redacted:kind>`.
        case redact
        /// The document is dropped.
        case drop
        /// Nothing.
        case keep
    }

    /// The treatment of a document with a secret in it.
    public var treatment: Treatment

    /// Removes secrets in the given way.
    public init(_ treatment: Treatment = .redact) { self.treatment = treatment }

    /// Redacts the text in place, or drops it.
    public func apply(to document: inout Document, notes: inout DocumentNotes) -> DropReason? {
        guard treatment != .keep else { return nil }
        let secrets = document.text.withUTF8Bytes { SecretScanner.secrets(in: $0) }
        guard !secrets.isEmpty else { return nil }
        if treatment == .drop {
            return DropReason("secret", "it holds a key, a token or a password")
        }
        for secret in secrets { notes.note("redacted_" + secret.kind.replacing("-", with: "_")) }
        document.text = document.text.withUTF8Bytes { bytes in
            var out: [UInt8] = []
            out.reserveCapacity(bytes.count)
            var copied = 0
            for secret in secrets {
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<secret.range.lowerBound]))
                out.append(contentsOf: "<redacted:\(secret.kind)>".utf8)
                copied = secret.range.upperBound
            }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
            return String(decoding: out, as: UTF8.self)
        }
        return nil
    }
}
