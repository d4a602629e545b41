import Alignment
import Foundation
import LanguageModel
import NeuralCore

// Writes a model for use elsewhere: an adapter worked in, 16 bits for a weight, in files of a size that others can take.
// Usage: Export MODEL OUTPUT [BYTES-PER-FILE]; without arguments, a tiny model is made and exported.
let arguments = CommandLine.arguments
let isTry = arguments.count < 3
let place = FileManager.default.temporaryDirectory.appending(component: "export-\(UUID().uuidString)")
let source = isTry ? place.appending(component: "tiny") : URL(filePath: arguments[1])
let output = isTry ? place.appending(component: "exported") : URL(filePath: arguments[2])
let bytesPerFile = arguments.count > 3 ? Int(arguments[3]) ?? 5_000_000_000 : isTry ? 100_000 : 5_000_000_000
if isTry {
    var random = RandomSource(seed: 1)
    try ModelDirectory(source).write(Transformer(.depth(2, vocabularySize: 256), using: &random))
}

// The folder may hold a model, or an adapter that names the model it is for.
let model = try ModelDirectory(source).languageModel()
try ModelDirectory(output).write(model, as: .bfloat16, bytesPerFile: bytesPerFile)
for name in ["tokenizer.json", "tokenizer_config.json"] {
    guard let data = try? Data(contentsOf: source.appending(component: name)) else { continue }
    try data.write(to: output.appending(component: name))
}
let files = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
print("\(model.parameterCount) parameters:", files.joined(separator: ", "))

// What was read back differs by the rounding to 8 bits of precision, and by nothing else.
let restored = try ModelDirectory(output).transformer()
let largest = zip(model.parameters, restored.parameters).map { before, after in
    ((before.value - after.value).magnitude() / (before.value.magnitude() + 1e-6)).scalars.max() ?? 0
}.max()
print("the greatest relative difference is", largest ?? 0)
if isTry { try FileManager.default.removeItem(at: place) }
