/// Reads the header of a GGUF file.
struct GGUFReader {
    struct Header {
        var keys: [String] = []
        var values: [String: GGUFValue] = [:]
        var tensors: [(name: String, entry: GGUFFile.Entry)] = []
    }

    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var position = 0
    /// The key or tensor that is being read, for messages.
    private var key: String?

    private static let alignmentKey = "general.alignment"
    private static let greatestRank = 4

    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        (self.bytes, self.file) = (bytes, file)
    }

    private var left: Int { bytes.count - position }

    private func malformed(_ found: String, _ expected: String) -> CheckpointError {
        .malformed(file: file, key: key, found: found, expected: expected)
    }

    mutating func header() throws(CheckpointError) -> Header {
        guard bytes.starts(with: "GGUF".utf8) else {
            throw malformed("no \"GGUF\" at the start", "a GGUF file")
        }
        position = 4
        let version: UInt32 = try number()
        guard version == 2 || version == 3 else { throw malformed("version \(version)", "version 2 or 3") }
        let tensorCount = try count(of: "tensors", atLeastBytes: 24)
        let valueCount = try count(of: "keys", atLeastBytes: 13)
        var header = Header()
        for index in 0..<valueCount {
            key = "key \(index)"
            let name = try text(upTo: 1 << 16)
            key = name
            let value = try value()
            guard header.values.updateValue(value, forKey: name) == nil else {
                throw malformed("the key twice", "each key once")
            }
            header.keys.append(name)
        }
        try readTensors(tensorCount, into: &header)
        return header
    }

    // MARK: Values

    private mutating func number<Number: BitwiseCopyable>() throws(CheckpointError) -> Number {
        guard left >= MemoryLayout<Number>.size else {
            throw malformed("the end of the file", "\(MemoryLayout<Number>.size) more bytes")
        }
        defer { position += MemoryLayout<Number>.size }
        return bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
    }

    /// Reads a count of items that each take at least this number of bytes.
    private mutating func count(of things: String, atLeastBytes size: Int) throws(CheckpointError) -> Int {
        let count: UInt64 = try number()
        guard count <= UInt64(left / size) else {
            throw malformed("\(count) \(things)", "at most \(left / size) in the \(left) bytes that follow")
        }
        return Int(count)
    }

    private mutating func string() throws(CheckpointError) -> [UInt8] {
        let count = try count(of: "bytes of a string", atLeastBytes: 1)
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// The name of a key or tensor.
    private mutating func text(upTo limit: Int) throws(CheckpointError) -> String {
        let bytes = try string()
        guard !bytes.isEmpty, bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw malformed("a name of \(bytes.count) bytes", "a name of 1 to \(limit) bytes in UTF-8")
        }
        return text
    }

    private mutating func kind() throws(CheckpointError) -> GGUFValue.Kind {
        let code: UInt32 = try number()
        guard let kind = GGUFValue.Kind(rawValue: code) else {
            throw malformed("type \(code)", "a type from 0 to 12")
        }
        return kind
    }

    private mutating func value() throws(CheckpointError) -> GGUFValue {
        let kind = try kind()
        switch kind {
        case .bool: return .bool(try bool())
        case .string: return .string(try string())
        case .float32, .float64: return .number(try real(kind), kind)
        case .array: return try array()
        default: return .integer(try integer(kind), kind)
        }
    }

    private mutating func bool() throws(CheckpointError) -> Bool {
        let byte: UInt8 = try number()
        guard byte < 2 else { throw malformed("a truth value of \(byte)", "0 or 1") }
        return byte == 1
    }

    private mutating func real(_ kind: GGUFValue.Kind) throws(CheckpointError) -> Double {
        if kind == .float64 { return try number() }
        let float: Float = try number()
        return Double(float)
    }

    private mutating func integer(_ kind: GGUFValue.Kind) throws(CheckpointError) -> Int {
        switch kind {
        case .uint8: return Int(try number() as UInt8)
        case .int8: return Int(try number() as Int8)
        case .uint16: return Int(try number() as UInt16)
        case .int16: return Int(try number() as Int16)
        case .uint32: return Int(try number() as UInt32)
        case .int32: return Int(try number() as Int32)
        case .int64: return try number()
        default:
            let value: UInt64 = try number()
            guard let value = Int(exactly: value) else { throw malformed("\(value)", "less than 2⁶³") }
            return value
        }
    }

    private mutating func array() throws(CheckpointError) -> GGUFValue {
        let kind = try kind()
        guard kind != .array else { throw malformed("a list of lists", "a list of values") }
        let count = try count(of: "elements", atLeastBytes: kind.leastByteCount)
        func list<Element>(
            _ read: () throws(CheckpointError) -> Element
        ) throws(CheckpointError) -> [Element] {
            var list: [Element] = []
            list.reserveCapacity(count)
            for _ in 0..<count { list.append(try read()) }
            return list
        }
        switch kind {
        case .bool: return .bools(try list { () throws(CheckpointError) in try bool() })
        case .string: return .strings(try list { () throws(CheckpointError) in try string() })
        case .float32, .float64:
            return .numbers(try list { () throws(CheckpointError) in try real(kind) }, kind)
        default: return .integers(try list { () throws(CheckpointError) in try integer(kind) }, kind)
        }
    }

    // MARK: Tensors

    private mutating func readTensors(_ count: Int, into header: inout Header) throws(CheckpointError) {
        let alignment = try alignment(header.values)
        var found: [(name: String, type: GGUFType, shape: Shape, offset: UInt64)] = []
        var names: Set<String> = []
        for index in 0..<count {
            key = "tensor \(index)"
            let name = try text(upTo: 64)
            key = name
            guard names.insert(name).inserted else { throw malformed("the tensor twice", "each tensor once") }
            let shape = try shape()
            let code: UInt32 = try number()
            guard let type = GGUFType(code: code) else {
                let known = GGUFType.allCases.map { "\($0.rawValue) (\($0.code))" }.joined(separator: ", ")
                throw malformed("numbers of type \(code)", "one of \(known)")
            }
            guard shape[shape.rank - 1] % type.numbersPerBlock == 0 else {
                throw malformed(
                    "rows of \(shape[shape.rank - 1])",
                    "a multiple of \(type.numbersPerBlock) for \(type.rawValue)")
            }
            found.append((name, type, shape, try number()))
        }
        key = nil
        let begin = (position + alignment - 1) / alignment * alignment
        for (name, type, shape, offset) in found {
            key = name
            let size = shape.count / type.numbersPerBlock * type.bytesPerBlock
            let available = max(0, bytes.count - begin)
            guard offset % UInt64(alignment) == 0 else {
                throw malformed("data at offset \(offset)", "a multiple of \(alignment)")
            }
            guard size <= available, offset <= UInt64(available - size) else {
                throw malformed(
                    "\(size) bytes at offset \(offset)", "an end within \(available) bytes of data")
            }
            let start = begin + Int(offset)
            header.tensors.append(
                (name, GGUFFile.Entry(type: type, shape: shape, range: start..<start + size)))
        }
        try requireApart(header)
    }

    private mutating func alignment(_ values: [String: GGUFValue]) throws(CheckpointError) -> Int {
        guard let value = values[Self.alignmentKey] else { return 32 }
        key = Self.alignmentKey
        guard let alignment = value.integer, (8...1 << 20).contains(alignment),
            alignment & (alignment - 1) == 0
        else {
            throw malformed(value.shown, "a power of two from 8 to \(1 << 20)")
        }
        return alignment
    }

    private mutating func shape() throws(CheckpointError) -> Shape {
        let rank: UInt32 = try number()
        guard (1...Self.greatestRank).contains(Int(rank)) else {
            throw malformed("\(rank) axes", "1 to \(Self.greatestRank)")
        }
        var extents: [Int] = []
        var product = 1
        for _ in 0..<rank {
            let extent: UInt64 = try number()
            let (next, overflows) = product.multipliedReportingOverflow(by: Int(clamping: extent))
            // A number takes half a byte at least, so that no file has more numbers than twice its bytes.
            guard extent > 0, !overflows, next <= 2 * bytes.count else {
                throw malformed("an axis of \(extent)", "an axis within a file of \(bytes.count) bytes")
            }
            product = next
            extents.append(Int(extent))
        }
        return Shape(extents.reversed())
    }

    /// Refuses tensors that share bytes.
    private mutating func requireApart(_ header: Header) throws(CheckpointError) {
        let ordered = header.tensors.sorted { $0.entry.range.lowerBound < $1.entry.range.lowerBound }
        for (before, after) in zip(ordered, ordered.dropFirst())
        where after.entry.range.lowerBound < before.entry.range.upperBound {
            key = after.name
            throw malformed("bytes that \(before.name) has too", "bytes of its own")
        }
    }
}
