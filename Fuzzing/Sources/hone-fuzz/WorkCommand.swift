import ArgumentParser
import Foundation

/// `hone-fuzz work`: reads inputs one after another, and says at each which it is; started by `run`.
struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Read inputs without supervision.", shouldDisplay: false)

    @OptionGroup var choice: ReaderArgument
    @Option var seed: UInt64
    @Option var first: Int
    @Option var count: Int
    @Option(help: "A file in which the number of the input stands.") var progress: String

    func run() throws {
        let reader = try choice.reader()
        let scratch = try Scratch(named: reader.name)
        defer { scratch.remove() }
        let mutator = Mutator(reader, seeds: try reader.seeds(scratch), seed: seed)
        let place = try Progress(progress)
        for index in first..<first + count {
            place.number = index
            try? reader.read(mutator.input(index), scratch)
        }
        place.number = first + count
    }
}

/// A number that two processes share through a file.
struct Progress {
    private let memory: UnsafeMutableRawPointer

    /// Opens the file, which holds 8 bytes.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        let mapped = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard descriptor >= 0, let mapped, mapped != MAP_FAILED else { throw CocoaError(.fileReadUnknown) }
        memory = mapped
    }

    /// The number of the input that is being read.
    var number: Int {
        get { memory.load(as: Int.self) }
        nonmutating set { memory.storeBytes(of: newValue, as: Int.self) }
    }
}
