import Foundation

/// A safetensors file of any header and any data.
func safetensors(_ header: some StringProtocol, _ data: [UInt8] = [], statedByteCount: UInt64? = nil) -> Data
{
    let count = statedByteCount ?? UInt64(header.utf8.count)
    return withUnsafeBytes(of: count.littleEndian) { Data($0) } + Data(header.utf8) + Data(data)
}
