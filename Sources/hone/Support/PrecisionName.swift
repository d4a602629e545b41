import ArgumentParser
import NeuralCore

/// `MatrixPrecision` by its name.
enum PrecisionName: String, ExpressibleByArgument, CaseIterable, Encodable {
    case float32, bfloat16

    var precision: MatrixPrecision {
        switch self {
        case .float32: .float32
        case .bfloat16: .bfloat16
        }
    }
}
