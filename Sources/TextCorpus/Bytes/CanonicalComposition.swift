/// The normalization forms of UTF-8 text; form C is canonical decomposition, reordering of marks, canonical composition.
///
/// Text that is in this form already, by far the most, is recognized in one pass and returned as it is. Bytes that
/// are not valid UTF-8 are kept, and separate what is before them from what is after.
///
/// - SeeAlso: [Unicode Standard Annex 15](https://www.unicode.org/reports/tr15/), Unicode 16. Departures: none on
///   valid text.
package enum CanonicalComposition {
    /// The bytes in normalization form C.
    package static func composed(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { composed($0) } ?? bytes
    }

    /// A text in normalization form C.
    package static func composed(_ text: String) -> String {
        text.withUTF8Bytes { bytes in composed(bytes).map { String(decoding: $0, as: UTF8.self) } } ?? text
    }

    /// The bytes in normalization form C, or nil if they are so already.
    package static func composed(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        // Below U+0300 no character interacts with the one before it.
        guard bytes.contains(where: { $0 >= 0xCC }) else { return nil }
        let data = CompositionData.shared
        var position = 0
        var output: [UInt8]?
        while let start = startOfDoubt(in: bytes, from: position, data) {
            if output == nil {
                output = []
                output?.reserveCapacity(bytes.count)
            }
            output?.append(contentsOf: bytes[position..<start])
            var segment: [UInt32] = []
            position = decompose(bytes, from: start, into: &segment, data)
            reorderMarks(&segment, data)
            compose(&segment, data)
            for scalar in segment.lazy.compactMap(Unicode.Scalar.init) {
                output?.append(contentsOf: scalar.utf8)
            }
        }
        output?.append(contentsOf: bytes[position...])
        return output
    }

    /// The bytes in normalization form KC, or nil if they are ASCII.
    package static func compatibilityComposed(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        decomposed(bytes, isCompatible: true).map { composed($0) }
    }

    /// The bytes in normalization form D, or KD if `isCompatible`; nil if they are ASCII.
    package static func decomposed(
        _ bytes: UnsafeBufferPointer<UInt8>, isCompatible: Bool = false
    ) -> [UInt8]? {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
        let data = CompositionData.shared
        var (output, segment, position): ([UInt8], [UInt32], Int) = ([], [], 0)
        func finishSegment() {
            reorderMarks(&segment, data)
            for scalar in segment.lazy.compactMap(Unicode.Scalar.init) {
                output.append(contentsOf: scalar.utf8)
            }
            segment.removeAll(keepingCapacity: true)
        }
        while position < bytes.count {
            if let (scalar, length) = utf8Scalar(bytes, at: position) {
                data.decompose(scalar, isCompatible: isCompatible, into: &segment)
                position += length
            } else {
                finishSegment()
                output.append(bytes[position])
                position += 1
            }
        }
        finishSegment()
        return output
    }

    /// The next place where something may change, moved back to a character that what is before cannot affect.
    private static func startOfDoubt(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ data: CompositionData
    ) -> Int? {
        var position = start
        var lastStart = start
        while position < bytes.count {
            if bytes[position] < 0x80 {
                lastStart = position
                position += 1
            } else if let (scalar, length) = utf8Scalar(bytes, at: position) {
                if data.mayChange(scalar) { return lastStart }
                lastStart = position
                position += length
            } else {
                position += 1
                lastStart = position
            }
        }
        return nil
    }

    /// Appends the decomposed characters up to the next that begins anew and cannot change; returns its position.
    private static func decompose(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, into segment: inout [UInt32],
        _ data: CompositionData
    ) -> Int {
        var position = start
        while position < bytes.count, let (scalar, length) = utf8Scalar(bytes, at: position),
            position == start || data.mayChange(scalar)
        {
            data.decompose(scalar, into: &segment)
            position += length
        }
        return position
    }

    /// Sorts each run of marks by combining class, keeping the order of equals.
    private static func reorderMarks(_ segment: inout [UInt32], _ data: CompositionData) {
        var start = 0
        while start < segment.count {
            var end = start
            while end < segment.count, data.combiningClass(segment[end]) != 0 { end += 1 }
            if end > start + 1 {
                let marks = segment[start..<end].enumerated().sorted { a, b in
                    (data.combiningClass(a.element), a.offset) < (data.combiningClass(b.element), b.offset)
                }
                segment.replaceSubrange(start..<end, with: marks.map(\.element))
            }
            start = end + 1
        }
    }

    /// Joins each character that is not blocked to the last starter, where the two have a composite.
    private static func compose(_ segment: inout [UInt32], _ data: CompositionData) {
        var count = 0
        var starter: Int?
        var lastClass = -1
        for scalar in segment {
            let scalarClass = Int(data.combiningClass(scalar))
            if let starter, lastClass < scalarClass, let whole = data.composite(segment[starter], scalar) {
                segment[starter] = whole
                continue
            }
            if scalarClass == 0 {
                starter = count
                lastClass = -1
            } else {
                lastClass = scalarClass
            }
            segment[count] = scalar
            count += 1
        }
        segment.removeSubrange(count...)
    }
}
