internal import NeuralCore

/// The treatment of names of special tokens, such as `<|endoftext|>`, that occur in a text.
public enum SpecialTokenReading: Sendable {
    /// They become the special tokens, as chat templates need it.
    case recognized
    /// They are text like any other, as is right for text from outside.
    case asText
}

extension BytePairTokenizer {
    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - specialTokens: The treatment of the names of special tokens in it.
    ///   - addingBoundaries: Whether to put the ids around it that the tokenizer's file prescribes, such as the
    ///     beginning-of-text token.
    /// - Complexity: O(n) for n bytes of ordinary text, O(n log n) for text that is one piece. Long texts are shared
    ///   between threads; the ids do not depend on their number.
    public func encode(
        _ text: String, specialTokens: SpecialTokenReading = .recognized, addingBoundaries: Bool = false
    ) -> [Int32] {
        var text = text
        return text.withUTF8 { encode($0, specialTokens: specialTokens, addingBoundaries: addingBoundaries) }
    }

    /// The ids of bytes that are meant as UTF-8 but need not be valid.
    ///
    /// A byte-level tokenizer's ids stand for exactly these bytes, whatever they are. (With normalization, or the
    /// alphabet of SentencePiece, they stand for what these make of them.)
    public func encode(
        _ bytes: [UInt8], specialTokens: SpecialTokenReading = .recognized, addingBoundaries: Bool = false
    ) -> [Int32] {
        bytes.withUnsafeBufferPointer {
            encode($0, specialTokens: specialTokens, addingBoundaries: addingBoundaries)
        }
    }

    /// The ids of each text; the texts are shared between threads.
    public func encode(
        _ texts: [String], specialTokens: SpecialTokenReading = .recognized, addingBoundaries: Bool = false
    ) -> [[Int32]] {
        shared(texts) { encode($0, specialTokens: specialTokens, addingBoundaries: addingBoundaries) }
    }

    /// The ids of each text's bytes; the texts are shared between threads.
    public func encode(
        _ texts: [[UInt8]], specialTokens: SpecialTokenReading = .recognized, addingBoundaries: Bool = false
    ) -> [[Int32]] {
        shared(texts) { encode($0, specialTokens: specialTokens, addingBoundaries: addingBoundaries) }
    }

    private func shared<Text>(_ texts: [Text], _ encode: (Text) -> [Int32]) -> [[Int32]] {
        var results = [[Int32]](repeating: [], count: texts.count)
        results.withUnsafeMutableBufferPointer { results in
            parallelFor(tasks: texts.count) { results[$0] = encode(texts[$0]) }
        }
        return results
    }

    private func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, specialTokens: SpecialTokenReading, addingBoundaries: Bool
    ) -> [Int32] {
        workspaces.with { workspace in
            if addingBoundaries { workspace.output.append(boundaries.before) }
            CharacterClass.table.withUnsafeBufferPointer { classes in
                encode(UTF8Text(bytes: bytes, classes: classes), specialTokens, with: &workspace)
            }
            if addingBoundaries { workspace.output.append(boundaries.after) }
            return workspace.output.take()
        }
    }

    private func encode(
        _ text: UTF8Text, _ reading: SpecialTokenReading, with workspace: inout EncodingWorkspace
    ) {
        forEachStretch(of: text, rawMatcher, reading, &workspace) { start, stretch, workspace in
            normalization.apply(to: stretch.bytes) { normalized in
                let normalized = UTF8Text(bytes: normalized, classes: text.classes)
                forEachStretch(of: normalized, normalizedMatcher, reading, &workspace) {
                    inner, stretch, workspace in
                    let isFirst = start == 0 && inner == 0
                    preTokenization.prepare(stretch.bytes, isFirst: isFirst) { prepared in
                        encodePieces(of: UTF8Text(bytes: prepared, classes: text.classes), with: &workspace)
                    }
                }
            }
        }
    }

    /// Outputs the added tokens that a matcher finds, and calls `body` with the text between them.
    private func forEachStretch(
        of text: UTF8Text, _ matcher: AddedTokenMatcher, _ reading: SpecialTokenReading,
        _ workspace: inout EncodingWorkspace,
        _ body: (_ start: Int, _ stretch: UTF8Text, inout EncodingWorkspace) -> Void
    ) {
        var start = 0
        func finishStretch(at end: Int) {
            guard start < end else { return }
            body(start, text[start..<end], &workspace)
        }
        matcher.forEachMatch(in: text, includingSpecial: reading == .recognized) { match in
            finishStretch(at: match.start)
            workspace.output.append(CollectionOfOne(match.id))
            start = match.end
        }
        finishStretch(at: text.count)
    }

    private func encodePieces(of text: UTF8Text, with workspace: inout EncodingWorkspace) {
        guard let base = text.bytes.baseAddress else { return }
        workspace.cache.withAccess { cache in
            preTokenization.forEachPiece(in: text) { start, end in
                let length = end - start
                guard length <= PieceCache.longestPiece else {
                    return encodeLongPiece(text.bytes[start..<end], &workspace.merger, &workspace.output)
                }
                let key = PieceCache.Key(base + start, length: length, readable: text.count - start)
                if let (count, ids) = cache.find(key) {
                    workspace.output.append(ids, count: count)
                } else {
                    encodeNewPiece(text.bytes[start..<end], key, cache, &workspace.merger, &workspace.output)
                }
            }
        }
    }

    @inline(never)
    private func encodeNewPiece(
        _ piece: Slice<UnsafeBufferPointer<UInt8>>, _ key: PieceCache.Key, _ cache: PieceCache.Access,
        _ merger: inout PieceMerger, _ output: inout TokenBuffer
    ) {
        model.encode(UnsafeBufferPointer(rebasing: piece), with: &merger)
        merger.tokens.withUnsafeBufferPointer { cache.insert(key, $0) }
        output.append(merger.tokens)
    }

    @inline(never)
    private func encodeLongPiece(
        _ piece: Slice<UnsafeBufferPointer<UInt8>>, _ merger: inout PieceMerger, _ output: inout TokenBuffer
    ) {
        model.encode(UnsafeBufferPointer(rebasing: piece), with: &merger)
        output.append(merger.tokens)
    }
}
