import Alignment
import ArgumentParser
import Foundation
import LanguageModel
import NeuralCore

/// `hone export`: writes a model in the format of another program.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model as one GGUF file, for llama.cpp and what is built on it.",
        discussion: paragraphs(
            """
            The file has the weights, the tokenizer, the chat template and the tokens that end a text. What a model \
            or tokenizer does and the format cannot say is refused, by its key. Of an adapter, the merged model is \
            written.

            Such a file can be given to every command in place of a model's folder.

              hone export assistant --gguf assistant.gguf --type q8_0
            """))

    @Argument(
        help: ArgumentHelp("The model's folder, or a .gguf file.", valueName: "model"), completion: .model)
    var model: String

    @Option(
        help: ArgumentHelp("The file to write; its name ends in .gguf.", valueName: "file"),
        completion: .file(extensions: ["gguf"]))
    var gguf: String

    @Option(
        help: ArgumentHelp(
            "The storage format of matrices: \(GGUFType.writable.map(\.rawValue).joined(separator: ", ")); f16 unless given.",
            valueName: "type"), completion: .list(GGUFType.writable.map(\.rawValue)),
        transform: { name in
            guard let type = GGUFType.writable.first(where: { $0.rawValue == name }) else {
                throw ValidationError(
                    "no type \"\(name)\"; choose \(GGUFType.writable.map(\.rawValue).joined(separator: ", "))"
                )
            }
            return type
        })
    var type: GGUFType = .float16

    @OptionGroup var base: BaseOption

    func validate() throws {
        guard gguf.lowercased().hasSuffix(".gguf") else {
            throw ValidationError("--gguf \(gguf): the name of the file must end in .gguf")
        }
    }

    func run() throws {
        try reportingErrors {
            try OutputIsInput.check(
                gguf, as: "--gguf", among: OutputIsInput.files(ofModels: [model, self.base.base]))
            let base = try base.folder(for: [model])
            let url = URL(filePath: gguf)
            let folder = try modelFolder(model)
            let name = folder.standardizedFileURL.deletingPathExtension().lastPathComponent
            try ChatModel.writeGGUF(contentsOf: folder, base: base, to: url, name: name, as: type)
            let bytes = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            print("\(gguf): \(bytes) bytes, \(type.rawValue)")
        }
    }
}
