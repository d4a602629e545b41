/// Whole numbers as differences, packed into blocks with as few bits as each part of a block needs.
///
/// - SeeAlso: https://parquet.apache.org/docs/file-format/data-pages/encodings/, *DELTA_BINARY_PACKED*
struct DeltaDecoder {
    private var reader: ByteReader
    private let partsPerBlock: Int
    private let numbersPerPart: Int
    private var left: Int
    private var value: Int64

    private var leastDelta: Int64 = 0
    private var widths: Bytes
    private var part: Int
    private var packed: Bytes
    private var leftInPart = 0
    private var isFirst = true

    /// - Parameter most: The numbers that there may be.
    init(_ bytes: Bytes, atMost most: Int) throws(TableError) {
        reader = ByteReader(bytes)
        let blockSize = try reader.count()
        partsPerBlock = try reader.count()
        guard partsPerBlock > 0, blockSize > 0, blockSize <= 1 << 20, blockSize % partsPerBlock == 0,
            (blockSize / partsPerBlock) % 8 == 0
        else {
            throw TableError(
                found: "blocks of \(blockSize) numbers in \(partsPerBlock) parts",
                expected: "parts of a multiple of 8 numbers")
        }
        numbersPerPart = blockSize / partsPerBlock
        left = try reader.count()
        guard left <= most else { throw TableError(found: "\(left) numbers", expected: "at most \(most)") }
        value = try reader.signed()
        widths = try bytes.slice(0, count: 0)
        packed = widths
        part = partsPerBlock
    }

    mutating func next() throws(TableError) -> Int64 {
        guard left > 0 else { throw TableError(found: "the end of the numbers", expected: "one more") }
        left -= 1
        if isFirst {
            isFirst = false
            return value
        }
        if leftInPart == 0 { try beginPart() }
        let width = Int(widths.memory[part])
        let delta = Int64(bitPattern: packed.bits(at: (numbersPerPart - leftInPart) * width, width: width))
        leftInPart -= 1
        value = value &+ leastDelta &+ delta
        return value
    }

    /// Steps to the next part with numbers in it.
    private mutating func beginPart() throws(TableError) {
        part += 1
        if part >= partsPerBlock {
            leastDelta = try reader.signed()
            widths = try reader.take(partsPerBlock)
            part = 0
        }
        let width = Int(widths.memory[part])
        guard width <= 64 else { throw TableError(found: "numbers of \(width) bits", expected: "up to 64") }
        packed = try reader.take(width * numbersPerPart / 8)
        leftInPart = numbersPerPart
    }

    /// The bytes behind the numbers; takes time in the bytes, not in the numbers.
    func rest() throws(TableError) -> Bytes {
        var copy = self
        var numbers = copy.left - 1
        while numbers > 0 {
            try copy.beginPart()
            numbers -= copy.numbersPerPart
        }
        return try copy.reader.take(copy.reader.left)
    }
}
