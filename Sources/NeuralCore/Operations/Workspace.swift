/// Memory for one call of a kernel, taken from the pool of tensor buffers and given back with this value.
struct Workspace {
    private let storage: Storage

    init(byteCount: Int) {
        storage = Storage(count: (byteCount + 3) / 4)
    }

    var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(storage.pointer) }
}
