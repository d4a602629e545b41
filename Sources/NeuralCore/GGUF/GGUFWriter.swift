import Files
package import Foundation

/// Gathers keys and tensors and writes them to a GGUF file, version 3.
///
/// A tensor is made and encoded when its turn comes, so that one at a time is in memory besides the model itself.
package struct GGUFWriter {
    private struct Addition {
        var name: String
        var shape: Shape
        var type: GGUFType
        /// The shape of each part: all of it, or what follows the first axis.
        var partShape: Shape
        var parts: [() throws(CheckpointError) -> Tensor]

        var byteCount: Int { shape.count / type.numbersPerBlock * type.bytesPerBlock }
    }

    private var values: [(key: String, value: GGUFValue)] = []
    private var additions: [Addition] = []
    /// The place of each tensor among them.
    private var indices: [String: Int] = [:]

    private static let alignment = 32

    /// A writer of an empty file.
    package init() {}

    /// Adds a key; nothing for nil.
    package mutating func add(_ key: String, _ value: GGUFValue?) {
        if let value { values.append((key, value)) }
    }

    /// Adds a tensor, whose rows are whole blocks of its type, or the next part of one.
    ///
    /// - Parameters:
    ///   - name: The name of the tensor.
    ///   - shape: The shape of what is added.
    ///   - type: The type that it is stored in.
    ///   - part: Which part of the tensor it is; nil for all of it. The first one gives the tensor its place in the file, and
    ///     the others follow in their order, if with tensors between them.
    ///   - tensor: Makes what is added when its turn comes.
    package mutating func add(
        _ name: String, shape: Shape, as type: GGUFType, part: GGUFPart? = nil,
        _ tensor: @escaping () throws(CheckpointError) -> Tensor
    ) {
        guard let part, part.number > 0 else {
            indices[name] = additions.count
            additions.append(
                Addition(
                    name: name, shape: part?.whole(of: shape) ?? shape, type: type, partShape: shape,
                    parts: [tensor]))
            return
        }
        guard let index = indices[name], additions[index].parts.count == part.number else {
            misuse("part \(part.number) of \(name) out of its order")
        }
        additions[index].parts.append(tensor)
    }

    /// Writes the file: complete, or not at all.
    ///
    /// - Throws: `CheckpointError`, also for a number that the type cannot hold.
    package func write(to url: URL) throws(CheckpointError) {
        var problem: CheckpointError?
        do throws(FileError) {
            try writeAtomically(to: url) { writer throws(FileError) in
                try writer.write(header)
                for addition in additions {
                    for part in addition.parts where problem == nil {
                        problem = try Self.write(
                            part, of: addition, to: writer, file: url.path(percentEncoded: false))
                    }
                    let padding = Self.padding(after: addition.byteCount)
                    if problem == nil { try writer.write([UInt8](repeating: 0, count: padding)) }
                }
                // A file that is not whole is not kept.
                if let problem {
                    throw .unwritable(file: url.path(percentEncoded: false), reason: "\(problem)")
                }
            }
        } catch {
            throw problem ?? .file(error)
        }
    }

    private static func write(
        _ part: () throws(CheckpointError) -> Tensor, of addition: Addition, to writer: borrowing FileWriter,
        file: String
    ) throws(FileError) -> CheckpointError? {
        let tensor: Tensor
        do throws(CheckpointError) { tensor = try part() } catch { return error }
        guard tensor.shape == addition.partShape else {
            misuse("\(addition.name) has the shape \(tensor.shape), and was to have \(addition.partShape)")
        }
        // Scales are halves: the least integer of a block times its scale is the number itself.
        let greatest: Float =
            switch addition.type {
            case .float32: .infinity
            case .bfloat16: .greatestFiniteMagnitude
            case .float16: 65_504
            default: 65_504 * 7
            }
        let chunk = 1 << 20
        return try tensor.withUnsafeBuffer { (numbers) throws(FileError) -> CheckpointError? in
            for begin in stride(from: 0, to: numbers.count, by: chunk) {
                let part = UnsafeBufferPointer(rebasing: numbers[begin..<min(numbers.count, begin + chunk)])
                let isStorable = { (number: Float) in
                    addition.type == .float32 || number.magnitude <= greatest
                }
                let odd = part.first { !isStorable($0) }
                if let odd {
                    return .malformed(
                        file: file, key: addition.name, found: "\(odd)",
                        expected: "a number that \(addition.type.rawValue) can hold")
                }
                try writer.write(GGUFBlocks.encode(part, as: addition.type))
            }
            return nil
        }
    }

    private static func padding(after count: Int) -> Int { (alignment - count % alignment) % alignment }

    // MARK: The header

    private var header: [UInt8] {
        var bytes = Array("GGUF".utf8)
        bytes.append(UInt32(3))
        bytes.append(UInt64(additions.count))
        bytes.append(UInt64(values.count))
        for (key, value) in values {
            bytes.append(string: Array(key.utf8))
            bytes.append(value)
        }
        var offset = 0
        for addition in additions {
            bytes.append(string: Array(addition.name.utf8))
            bytes.append(UInt32(addition.shape.rank))
            for extent in addition.shape.extents.reversed() { bytes.append(UInt64(extent)) }
            bytes.append(addition.type.code)
            bytes.append(UInt64(offset))
            offset += addition.byteCount + Self.padding(after: addition.byteCount)
        }
        return bytes + [UInt8](repeating: 0, count: Self.padding(after: bytes.count))
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(string: [UInt8]) {
        append(UInt64(string.count))
        append(contentsOf: string)
    }

    fileprivate mutating func append(_ value: GGUFValue) {
        func list(_ kind: GGUFValue.Kind, _ count: Int) {
            append(GGUFValue.Kind.array.rawValue)
            append(kind.rawValue)
            append(UInt64(count))
        }
        switch value {
        case .integer(let number, let kind):
            append(kind.rawValue)
            append(number, as: kind)
        case .number(let number, let kind):
            append(kind.rawValue)
            append(number, as: kind)
        case .bool(let flag):
            append(GGUFValue.Kind.bool.rawValue)
            append(UInt8(flag ? 1 : 0))
        case .string(let bytes):
            append(GGUFValue.Kind.string.rawValue)
            append(string: bytes)
        case .integers(let numbers, let kind):
            list(kind, numbers.count)
            for number in numbers { append(number, as: kind) }
        case .numbers(let numbers, let kind):
            list(kind, numbers.count)
            for number in numbers { append(number, as: kind) }
        case .bools(let flags):
            list(.bool, flags.count)
            for flag in flags { append(UInt8(flag ? 1 : 0)) }
        case .strings(let strings):
            list(.string, strings.count)
            for string in strings { append(string: string) }
        }
    }

    private mutating func append(_ number: Int, as kind: GGUFValue.Kind) {
        switch kind.leastByteCount {
        case 1: append(UInt8(truncatingIfNeeded: number))
        case 2: append(UInt16(truncatingIfNeeded: number))
        case 4: append(UInt32(truncatingIfNeeded: number))
        default: append(number)
        }
    }

    private mutating func append(_ number: Double, as kind: GGUFValue.Kind) {
        if kind == .float64 { append(number.bitPattern) } else { append(Float(number).bitPattern) }
    }
}
