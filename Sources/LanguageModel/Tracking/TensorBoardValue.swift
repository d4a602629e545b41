/// A value of a run that TensorBoard shows under a tag: a number, a text, or a distribution.
///
///     try tracker.write([.scalar("train/loss", report.loss), .text("sample", text)], at: report.step)
public struct TensorBoardValue: Sendable, Hashable {
    /// The kinds of values.
    enum Content: Sendable, Hashable {
        case scalar(Float)
        case text(String)
        case histogram([Float])
    }

    /// The name, whose parts a slash separates: `train/loss`.
    public let tag: String
    let content: Content

    /// A number; one that is not finite is shown as such.
    public static func scalar(_ tag: String, _ value: Float) -> TensorBoardValue {
        TensorBoardValue(tag: tag, content: .scalar(value))
    }

    /// A text in Markdown.
    public static func text(_ tag: String, _ text: String) -> TensorBoardValue {
        TensorBoardValue(tag: tag, content: .text(text))
    }

    /// The distribution of numbers; those that are not finite are left out.
    public static func histogram(_ tag: String, _ values: [Float]) -> TensorBoardValue {
        TensorBoardValue(tag: tag, content: .histogram(values.filter(\.isFinite)))
    }
}

/// Text as it stands, for a place where Markdown is read: each line is indented, which makes it code.
package func markdownVerbatim(_ text: String) -> String {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        .map { "    " + $0 }.joined(separator: "\n")
}

/// Protocol-buffer messages of TensorBoard, and the frame of a record.
///
/// - SeeAlso: `event.proto`, `summary.proto` and `tensor.proto` of
///   [TensorBoard](https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto), and the format of
///   [TFRecord](https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
package enum TensorBoardEvent {
    /// The contents of a record.
    package enum Content {
        /// The first record of a file.
        case version
        /// A session that begins here: readers forget what others wrote of this step and later ones.
        case sessionStart
        case values([TensorBoardValue])
    }

    /// A record: the length of the message, a checksum of that, the message, a checksum of it.
    ///
    /// - Parameter time: Seconds since 1970.
    package static func record(_ content: Content, step: Int, time: Double) -> [UInt8] {
        var event = Message()
        event.add(1, time)
        if step != 0 { event.add(2, UInt64(bitPattern: Int64(step))) }
        switch content {
        case .version: event.add(3, "brain.Event:2")
        case .values(let values): event.add(5, summary(of: values))
        case .sessionStart:
            var log = Message()
            log.add(1, UInt64(1))
            event.add(7, log)
        }
        let length = littleEndian(UInt64(event.bytes.count))
        return length + littleEndian(CRC32C.masked(length)) + event.bytes
            + littleEndian(CRC32C.masked(event.bytes))
    }

    private static func summary(of values: [TensorBoardValue]) -> Message {
        var summary = Message()
        for value in values {
            var entry = Message()
            entry.add(1, value.tag)
            switch value.content {
            case .scalar(let number): entry.add(2, number)
            case .histogram(let values): entry.add(5, histogram(of: values))
            case .text(let text):
                let textType: UInt64 = 7
                var (shape, dimension) = (Message(), Message())
                dimension.add(1, UInt64(1))
                shape.add(2, dimension)
                var tensor = Message()
                tensor.add(1, textType)
                tensor.add(2, shape)
                tensor.add(8, text)
                entry.add(8, tensor)
                var (metadata, plugin) = (Message(), Message())
                plugin.add(1, "text")
                metadata.add(1, plugin)
                entry.add(9, metadata)
            }
            summary.add(1, entry)
        }
        return summary
    }

    private static let bins = 30

    /// Counts in bins of equal width from the least value to the greatest; one bin where all are the same.
    private static func histogram(of values: [Float]) -> Message {
        let values = values.map(Double.init)
        let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
        let count = least == greatest ? 1 : bins
        let width = (greatest - least) / Double(count)
        var counts = [Double](repeating: 0, count: count)
        for value in values { counts[width > 0 ? min(count - 1, Int((value - least) / width)) : 0] += 1 }
        let limits = (1...count).map { $0 == count ? greatest : least + Double($0) * width }
        var histogram = Message()
        histogram.add(1, least)
        histogram.add(2, greatest)
        histogram.add(3, Double(values.count))
        histogram.add(4, values.reduce(0, +))
        histogram.add(5, values.reduce(0) { $0 + $1 * $1 })
        histogram.add(6, limits)
        histogram.add(7, counts)
        return histogram
    }

    /// The step of an event; nil where the bytes are no event.
    static func step(of event: ArraySlice<UInt8>) -> Int? {
        var rest = event
        var step = 0
        while !rest.isEmpty {
            guard let key = varint(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                if key >> 3 == 2 { step = Int(Int64(bitPattern: value)) }
            case 1: rest = rest.dropFirst(8)
            case 2:
                guard let count = varint(&rest), count <= rest.count else { return nil }
                rest = rest.dropFirst(Int(count))
            case 5: rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return step
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }

    static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
    }
}

/// A message under construction: fields one after another, each with its number.
private struct Message {
    private(set) var bytes: [UInt8] = []

    private mutating func add(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func begin(_ field: UInt64, type: UInt64) { add(varint: field << 3 | type) }

    private mutating func add(_ field: UInt64, bytes other: [UInt8]) {
        begin(field, type: 2)
        add(varint: UInt64(other.count))
        bytes += other
    }

    mutating func add(_ field: UInt64, _ value: UInt64) {
        begin(field, type: 0)
        add(varint: value)
    }

    mutating func add(_ field: UInt64, _ value: Double) {
        // A field of its type's usual value is left out.
        guard value.bitPattern != 0 else { return }
        begin(field, type: 1)
        bytes += TensorBoardEvent.littleEndian(value.bitPattern)
    }

    /// A scalar is one of several kinds of a value and stands there at 0 too.
    mutating func add(_ field: UInt64, _ value: Float) {
        begin(field, type: 5)
        bytes += TensorBoardEvent.littleEndian(value.bitPattern)
    }

    mutating func add(_ field: UInt64, _ text: String) { add(field, bytes: Array(text.utf8)) }

    mutating func add(_ field: UInt64, _ message: Message) { add(field, bytes: message.bytes) }

    mutating func add(_ field: UInt64, _ values: [Double]) {
        add(field, bytes: values.flatMap { TensorBoardEvent.littleEndian($0.bitPattern) })
    }
}

/// The cyclic redundancy check of 32 bits with Castagnoli's polynomial.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    /// The checksum as TFRecord stores it.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
