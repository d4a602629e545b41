import Foundation
import NeuralCore
import TestSupport
import Testing

@Suite struct HostileFileTests {
    /// One lie each, and what the error says of it.
    static let lies: [(Data, key: String?, found: String, expected: String)] = [
        (Data(), nil, "0 bytes", "the eight bytes of a header's length"),
        (Data([1, 0, 0, 0]), nil, "4 bytes", "the eight bytes of a header's length"),
        (
            safetensors("{}", statedByteCount: 3), nil, "a header of 3 bytes", "at most 2 in a file of 10"
        ),
        (
            safetensors("{}", statedByteCount: .max), nil, "a header of \(UInt64.max) bytes",
            "at most 2 in a file of 10"
        ),
        (safetensors(""), nil, "the end", "an object at byte 8"),
        (safetensors("[]"), nil, "\"[]\"", "an object at byte 8"),
        (safetensors("{} {}"), nil, "\"{}\"", "the end at byte 11"),
        (safetensors("{\"a\":"), "a", "the end", "an object at byte 13"),
        (safetensors("{\"a"), nil, "a string without an end", "a quotation mark at byte 10"),
        (safetensors("{\"a\\"), nil, "a string without an end", "a quotation mark at byte 10"),
        (safetensors("{\"\\ud800\":{}}"), nil, "half of a surrogate pair", "a character at byte 10"),
        (safetensors("{\"\\x\":{}}"), nil, "\"\\x\":{}}\"", "an escape sequence at byte 10"),
        (
            safetensors("{\"\u{1}\":{}}"), nil, "a control character",
            "it to be escaped in a string at byte 10"
        ),
        (safetensors("{\"a\":{\"extra\":nan}}"), "a", "\"nan}}\"", "a value at byte 22"),
        (safetensors("{\"a\nb\":{}}"), nil, "a control character", "it to be escaped in a string at byte 11"),
        (
            safetensors("{\"a\":{\"dtype\":\"F32\"}}"), "a", "no shape, data_offsets",
            "dtype, shape and data_offsets at byte 13"
        ),
        (
            safetensors(
                "{" + array("F32", "[1]", "[0,4]") + "," + array("F32", "[1]", "[0,4]") + "}", [0, 0, 0, 0]),
            nil, "a twice", "each name once at byte 62"
        ),
        (
            safetensors("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "a", "dtype twice",
            "each name once at byte 28"
        ),
        (
            safetensors("{" + array("F33", "[1]", "[0,4]") + "}"), "a", "dtype F33",
            "one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL at byte 22"
        ),
        (
            safetensors("{" + array("F32", "[-1]", "[0,4]") + "}"), "a", "\"-1],\"data_offset\"",
            "an integer from 0 to \(Int.max) at byte 37"
        ),
        (
            safetensors("{" + array("F32", "[1.5]", "[0,4]") + "}"), "a", "\"1.5],\"data_offse\"",
            "an integer from 0 to \(Int.max) at byte 37"
        ),
        (
            safetensors("{" + array("F32", "[9223372036854775808]", "[0,4]") + "}"), "a",
            "an integer of more than 63 bits", "an integer from 0 to \(Int.max) at byte 37"
        ),
        (
            safetensors("{" + array("F32", "[01]", "[0,4]") + "}"), "a", "a leading zero",
            "an integer from 0 to \(Int.max) at byte 37"
        ),
        (
            safetensors("{" + array("F32", "[4294967296,4294967296]", "[0,0]") + "}"), "a",
            "shape [4294967296, 4294967296]", "fewer than 2⁶³ bytes"
        ),
        (
            safetensors("{" + array("F32", "[4294967296,4294967296,0]", "[0,0]") + "}"), "a",
            "shape [4294967296, 4294967296, 0]", "fewer than 2⁶³ bytes"
        ),
        (
            safetensors("{" + array("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]") + "}", [0]), "a",
            "more than 16 integers", "at most that at byte 68"
        ),
        (
            safetensors("{" + array("F32", "[1]", "[4,0]") + "}"), "a", "data_offsets [4, 0]",
            "a beginning and an end at byte 13"
        ),
        (
            safetensors("{" + array("F32", "[1]", "[0]") + "}"), "a", "data_offsets [0]",
            "a beginning and an end at byte 13"
        ),
        (
            safetensors("{" + array("F32", "[2]", "[0,4]") + "}", [0, 0, 0, 0]), "a", "4 bytes",
            "8 for shape [2] of type F32"
        ),
        (
            safetensors("{" + array("F32", "[1]", "[0,4]") + "}", [0, 0, 0]), "a", "data up to byte 4",
            "at most 3, the file's end"
        ),
        (
            safetensors("{" + array("F32", "[1]", "[0,4]") + "}", [0, 0, 0, 0, 0]), nil, "5 bytes of data",
            "the 4 that arrays lie in"
        ),
        (
            safetensors(
                "{" + array("U8", "[2]", "[0,2]") + "," + array("U8", "[2]", "[1,3]", name: "b") + "}",
                [0, 0, 0]),
            "b", "data from byte 1", "from 2, where the data before end"
        ),
        (
            safetensors(
                "{" + array("U8", "[1]", "[0,1]") + "," + array("U8", "[1]", "[2,3]", name: "b") + "}",
                [0, 0, 0]),
            "b", "data from byte 2", "from 1, where the data before end"
        ),
        (
            safetensors("{\"__metadata__\":{\"step\":3}}"), "__metadata__", "\"3}}\"", "a string at byte 32"
        ),
        (
            safetensors("{\"a\":{\"extra\":" + String(repeating: "[", count: 100_000) + "}}"), "a",
            "nesting over 32 deep", "less at byte 52"
        ),
        (
            safetensors(String(repeating: "{\"a\":", count: 100_000)), "a", "nesting over 32 deep",
            "less at byte 168"
        ),
    ]

    @Test(arguments: lies.indices)
    func lieIsToldApart(number: Int) throws {
        let (bytes, key, found, expected) = Self.lies[number]
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model.safetensors")
            try bytes.write(to: url)
            #expect(
                throws: CheckpointError.malformed(
                    file: url.path(percentEncoded: false), key: key, found: found, expected: expected)
            ) { try SafetensorsFile(url) }
        }
    }

    @Test func illFormedUTF8IsRefused() throws {
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "model.safetensors")
            // An overlong slash, a lone surrogate, a byte that is never UTF-8, a sequence cut short.
            for bytes: [UInt8] in [[0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF], [0xE2, 0x82]] {
                var file = safetensors("{\"??\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")
                file.replaceSubrange(10..<12, with: bytes)
                file[0] = UInt8(file.count - 8)
                try file.write(to: url)
                #expect(throws: CheckpointError.self) { try SafetensorsFile(url) }
            }
        }
    }

    /// Whatever a mutation makes of a good file, reading it gives arrays or a typed error.
    @Test(arguments: 0..<8)
    func mutatedFilesAreReadOrRefused(seed: Int) throws {
        let original = [UInt8](try fixture("safetensors-types.safetensors"))
        let small = [UInt8](
            safetensors(
                "{\"__metadata__\":{\"format\":\"pt\"}," + array("F32", "[2,1]", "[0,8]") + ","
                    + array("F16", "[3]", "[8,14]", name: "b\\u00e9") + ","
                    + array("I8", "[]", "[14,15]", name: "c")
                    + "}", [UInt8](repeating: 63, count: 15)))
        var random = RandomSource(seed: UInt64(seed))
        var readable = 0
        try withTemporaryFolder { folder in
            let url = folder.appending(component: "mutated.safetensors")
            for round in 0..<1_500 {
                let bytes = mutated(round.isMultiple(of: 10) ? original : small, using: &random)
                try Data(bytes).write(to: url)
                do throws(CheckpointError) {
                    let file = try SafetensorsFile(url)
                    for key in file.keys {
                        let tensor = try file.tensor(key)
                        #expect(tensor.count <= bytes.count)
                        _ = try? file.integers(key, as: Int16.self)
                    }
                    readable += 1
                } catch {
                    #expect(error.description.contains(file(of: error) ?? "no file"))
                }
            }
        }
        // Flipped bits in the data harm nobody; if no file could be read, or every one, the mutations would be at fault.
        #expect((10...1_400).contains(readable))
    }

    private func file(of error: CheckpointError) -> String? {
        if case .malformed(let file, _, _, _) = error { file } else { nil }
    }
}

/// One member of a header.
private func array(_ type: String, _ shape: String, _ offsets: String, name: String = "a") -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
}

/// `bytes` with one to four of the things that happen to files, by accident or on purpose.
private func mutated(_ bytes: [UInt8], using random: inout RandomSource) -> [UInt8] {
    var bytes = bytes
    let structure = [UInt8]("{}[]\",:\\0123456789-eE.utnFIBU".utf8)
    for _ in 0..<random.integer(in: 1..<5) {
        guard bytes.count > 9 else { return bytes }
        // Most accidents happen to the header, where they tell.
        let end = random.uniform() < 0.8 ? min(bytes.count, 8 + 260) : bytes.count
        let place = random.integer(in: 0..<end)
        let other = random.integer(in: 0..<end)
        switch random.integer(in: 0..<9) {
        case 0: bytes[place] ^= 1 << UInt8(random.integer(in: 0..<8))
        case 1: bytes[place] = UInt8(random.integer(in: 0..<256))
        case 2: bytes[place] = structure[random.integer(in: 0..<structure.count)]
        case 3: bytes.insert(structure[random.integer(in: 0..<structure.count)], at: place)
        case 4: bytes.removeLast(random.integer(in: 0..<bytes.count))
        case 5: bytes.append(contentsOf: bytes.prefix(other))
        case 6: bytes.removeSubrange(min(place, other)..<max(place, other))
        case 7: bytes.insert(contentsOf: Array(bytes[min(place, other)..<max(place, other)]), at: place)
        default: bytes.swapAt(place, other)
        }
        // Half of the time the length in front is right again, so that the header is looked at.
        if random.uniform() < 0.5, bytes.count > 8, let close = bytes.lastIndex(of: UInt8(ascii: "}")),
            close >= 8
        {
            withUnsafeBytes(of: UInt64(close - 7).littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
        }
    }
    return bytes
}
