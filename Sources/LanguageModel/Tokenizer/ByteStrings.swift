/// Many short byte strings in one block of memory, numbered from zero.
struct ByteStrings: Sendable {
    private var bytes: ContiguousArray<UInt8> = []
    private var ends: ContiguousArray<Int> = []

    init() {}

    init(_ strings: some Sequence<[UInt8]>) {
        for string in strings { append(string) }
    }

    var count: Int { ends.count }

    /// The bytes of all strings together.
    var byteCount: Int { bytes.count }

    subscript(index: Int) -> [UInt8] {
        withBytes(at: index) { Array($0) }
    }

    mutating func append(_ string: some Sequence<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    @inline(__always)
    func withBytes<Result>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
