import Foundation
import JSON
import NeuralCore

/// The file of a checkpoint that says where in the data a run goes on.
enum PositionFile {
    private static let name = "position.json"

    static func write(_ position: some Encodable, to folder: URL) throws {
        try writeAtomically(JSONEncoder().encode(position), to: folder.appending(component: name))
    }

    /// Reads a place.
    ///
    /// - Parameter exists: Whether the data have such a place.
    static func read<Position: Decodable>(
        from folder: URL, where exists: (Position) -> Bool = { _ in true }
    ) throws -> Position {
        let path = folder.appending(component: name).path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path),
            let position = try? JSONValue(parsing: Array(data)).decoded(as: Position.self), exists(position)
        else { throw TrainingRunError.malformed(file: path, expected: "the place in the data") }
        return position
    }
}
