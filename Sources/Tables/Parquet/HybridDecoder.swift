/// Numbers of a few bits each, as runs of one number and as numbers side by side.
///
/// Levels and the places of a dictionary are written like this.
///
/// - SeeAlso: https://parquet.apache.org/docs/file-format/data-pages/encodings/, *RLE*
struct HybridDecoder {
    private let width: Int
    private var reader: ByteReader
    /// The numbers left of the run, and the number that it repeats; nil if they are stored one after another.
    private var left = 0
    private var repeated: Int? = 0
    private var packed: Bytes
    private var bit = 0

    /// - Parameter width: Bits of a number, up to 32.
    init(_ bytes: Bytes, width: Int) throws(TableError) {
        guard (0...32).contains(width) else {
            throw TableError(found: "numbers of \(width) bits", expected: "up to 32")
        }
        self.width = width
        reader = ByteReader(bytes)
        packed = bytes
    }

    mutating func next() throws(TableError) -> Int {
        if left == 0 { try beginRun() }
        left -= 1
        if let repeated { return repeated }
        defer { bit += width }
        return Int(packed.bits(at: bit, width: width))
    }

    private mutating func beginRun() throws(TableError) {
        let head = try reader.count()
        if head & 1 == 0 {
            left = head >> 1
            repeated = Int(try reader.take((width + 7) / 8).bits(at: 0, width: 32))
        } else {
            // Eight numbers at a time; a writer may leave out what nobody needs of the last ones.
            let size = min((head >> 1) * width, reader.left)
            packed = try reader.take(size)
            left = width == 0 ? (head >> 1) * 8 : size * 8 / width
            (repeated, bit) = (nil, 0)
        }
        guard left > 0 else { throw TableError(found: "an empty run", expected: "at least one number") }
    }
}
