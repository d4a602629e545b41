/// The code point at a position and its length, or nil where the bytes are not well-formed UTF-8.
///
/// - SeeAlso: The Unicode Standard 16.0, Table 3-7.
@inlinable
package func utf8Scalar(
    _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
) -> (value: UInt32, length: Int)? {
    func continuation(_ offset: Int) -> UInt32? {
        guard position + offset < bytes.count else { return nil }
        let byte = bytes[position + offset]
        return byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil
    }
    let first = UInt32(bytes[position])
    if first < 0x80 { return (first, 1) }
    guard first >= 0xC2, first <= 0xF4, let second = continuation(1) else { return nil }
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    guard let third = continuation(2) else { return nil }
    if first < 0xF0 {
        let value = (first & 0x0F) << 12 | second << 6 | third
        return value >= 0x800 && value & 0xF800 != 0xD800 ? (value, 3) : nil
    }
    guard let fourth = continuation(3) else { return nil }
    let value = (first & 0x07) << 18 | second << 12 | third << 6 | fourth
    return value >= 0x1_0000 && value <= 0x10_FFFF ? (value, 4) : nil
}
