#if LIBFUZZER
import Foundation

private struct Target {
    static let chosen: (reader: Reader, scratch: Scratch) = {
        let name = ProcessInfo.processInfo.environment["HONE_READER"] ?? ""
        guard let reader = Reader.named(name), let scratch = try? Scratch(named: name) else {
            fatalError("HONE_READER must name a reader; see hone-fuzz list")
        }
        return (reader, scratch)
    }()
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let (reader, scratch) = Target.chosen
    var input = Array(UnsafeBufferPointer(start: bytes, count: count))
    // One input in two keeps its checksums wrong.
    if input.count % 2 == 0 { reader.repair(&input) }
    try? reader.read(input, scratch)
    return 0
}
#endif
