package import Foundation
import NeuralCore

extension ModelDirectory {
    /// The GGUF file that stands for the directory, if it is one.
    package var gguf: URL? { url.isGGUF ? url : nil }

    /// What a GGUF file gives of its model.
    static func reading<Result>(
        gguf url: URL, _ body: (GGUFModel) throws(CheckpointError) -> Result
    ) throws(ModelDirectoryError) -> Result {
        do throws(CheckpointError) {
            return try body(GGUFModel(GGUFFile(url)))
        } catch {
            throw .checkpoint(error)
        }
    }
}
