import CKernels

/// Numbers from blocks and blocks from numbers, for each type.
enum GGUFBlocks {
    /// The approximate number of elements that a thread converts at a time.
    private static let chunk = 1 << 14

    private static func forEachChunk(
        of numbers: Int, _ type: GGUFType, _ body: (_ blocks: Range<Int>) -> Void
    ) {
        let blocks = numbers / type.numbersPerBlock
        let size = max(1, chunk / type.numbersPerBlock)
        parallelFor(tasks: (blocks + size - 1) / size) { task in
            body(task * size..<min(blocks, (task + 1) * size))
        }
    }

    /// Writes the numbers of whole blocks, which may begin at any address.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, as type: GGUFType, to out: UnsafeMutableBufferPointer<Float>
    ) {
        guard let bytes = bytes.baseAddress, let numbers = out.baseAddress else { return }
        forEachChunk(of: out.count, type) { blocks in
            for block in blocks {
                GGUFDecoder(
                    block: bytes + block * type.bytesPerBlock, out: numbers + block * type.numbersPerBlock
                )
                .decode(type)
            }
        }
    }

    /// The blocks of numbers; the last axis of what they are of is a multiple of a block.
    static func encode(_ numbers: UnsafeBufferPointer<Float>, as type: GGUFType) -> [UInt8] {
        let count = numbers.count / type.numbersPerBlock * type.bytesPerBlock
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            initialized = count
            guard let numbers = numbers.baseAddress,
                let out = bytes.baseAddress.map(UnsafeMutableRawPointer.init)
            else { return }
            forEachChunk(of: count / type.bytesPerBlock * type.numbersPerBlock, type) { blocks in
                for block in blocks {
                    GGUFEncoder(
                        numbers: numbers + block * type.numbersPerBlock, out: out + block * type.bytesPerBlock
                    ).encode(type)
                }
            }
        }
    }

    /// Every 16-bit float as one of 32 bits.
    static let halves: [Float] = {
        let bits = (0...UInt16.max).map { $0 }
        return [Float](unsafeUninitializedCapacity: bits.count) { floats, count in
            ck_float32_from_float16(floats.baseAddress, bits, 0, bits.count)
            count = bits.count
        }
    }()
}

/// One block on the way to its numbers.
///
/// - SeeAlso: `ggml-quants.c` of llama.cpp. Departures: none in the numbers.
struct GGUFDecoder {
    let block: UnsafeRawPointer
    let out: UnsafeMutablePointer<Float>

    private func byte(_ offset: Int) -> Int { Int(block.load(fromByteOffset: offset, as: UInt8.self)) }
    private func signed(_ offset: Int) -> Float { Float(block.load(fromByteOffset: offset, as: Int8.self)) }
    private func half(_ offset: Int) -> Float {
        GGUFBlocks.halves[Int(block.loadUnaligned(fromByteOffset: offset, as: UInt16.self))]
    }

    func decode(_ type: GGUFType) {
        switch type {
        case .float32: out[0] = block.loadUnaligned(as: Float.self)
        case .float16: out[0] = half(0)
        case .bfloat16:
            out[0] = Float(bitPattern: UInt32(block.loadUnaligned(as: UInt16.self)) << 16)
        case .q80:
            let scale = half(0)
            for index in 0..<32 { out[index] = scale * signed(2 + index) }
        case .q40: nibbles(at: 2, scale: half(0), minimum: 0, shift: 8)
        case .q41: nibbles(at: 4, scale: half(0), minimum: half(2), shift: 0)
        case .q50: fives(at: 2, scale: half(0), minimum: 0, shift: 16)
        case .q51: fives(at: 4, scale: half(0), minimum: half(2), shift: 0)
        case .q4K: decodeK(fifthBits: nil, nibbles: 16)
        case .q5K: decodeK(fifthBits: 16, nibbles: 48)
        case .q6K: decode6K()
        }
    }

    /// 32 numbers of four bits; the upper halves of the bytes are the later ones.
    private func nibbles(at offset: Int, scale: Float, minimum: Float, shift: Int) {
        for index in 0..<16 {
            let pair = byte(offset + index)
            out[index] = scale * Float((pair & 15) - shift) + minimum
            out[index + 16] = scale * Float((pair >> 4) - shift) + minimum
        }
    }

    /// The same with a fifth bit of each, from four bytes that come before.
    private func fives(at offset: Int, scale: Float, minimum: Float, shift: Int) {
        let upper = block.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        for index in 0..<16 {
            let pair = byte(offset + 4 + index)
            let (low, high) = (Int(upper >> index & 1) << 4, Int(upper >> (index + 16) & 1) << 4)
            out[index] = scale * Float((pair & 15 | low) - shift) + minimum
            out[index + 16] = scale * Float((pair >> 4 | high) - shift) + minimum
        }
    }

    /// The scale and the minimum, of six bits each, of one of eight groups of 32.
    private func scaleAndMinimum(_ group: Int) -> (scale: Float, minimum: Float) {
        let packed = 4
        if group < 4 {
            return (Float(byte(packed + group) & 63), Float(byte(packed + 4 + group) & 63))
        }
        let shared = byte(packed + 4 + group)
        let (scaleTop, minimumTop) = (byte(packed + group - 4) >> 6, byte(packed + group) >> 6)
        return (Float(shared & 15 | scaleTop << 4), Float(shared >> 4 | minimumTop << 4))
    }

    private func decodeK(fifthBits: Int?, nibbles: Int) {
        let (scale, minimum) = (half(0), half(2))
        for group in 0..<8 {
            let own = scaleAndMinimum(group)
            let (step, base) = (scale * own.scale, minimum * own.minimum)
            for index in 0..<32 {
                let pair = byte(nibbles + group / 2 * 32 + index)
                let low = group % 2 == 0 ? pair & 15 : pair >> 4
                let fifth = fifthBits.map { byte($0 + index) >> group & 1 } ?? 0
                out[group * 32 + index] = step * Float(low | fifth << 4) - base
            }
        }
    }

    private func decode6K() {
        let scale = half(208)
        for index in 0..<256 {
            let (part, rest) = (index / 128, index % 128)
            let (quarter, place) = (rest / 32, rest % 32)
            let pair = byte(part * 64 + quarter % 2 * 32 + place)
            let low = quarter < 2 ? pair & 15 : pair >> 4
            let high = byte(128 + part * 32 + place) >> (2 * quarter) & 3
            out[index] = scale * signed(192 + index / 16) * Float((low | high << 4) - 32)
        }
    }
}
