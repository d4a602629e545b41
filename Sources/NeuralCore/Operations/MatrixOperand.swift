internal import CKernels

/// A tensor read as the matrix of a product: its leading axes folded into rows, possibly transposed.
struct MatrixOperand {
    let tensor: Tensor
    let isTransposed: Bool
    private let storedRows: Int
    private let storedColumns: Int

    init(_ tensor: Tensor, isTransposed: Bool = false) {
        self.tensor = tensor
        self.isTransposed = isTransposed
        storedRows = tensor.rows
        storedColumns = tensor.channels
    }

    var rows: Int { isTransposed ? storedColumns : storedRows }
    var columns: Int { isTransposed ? storedRows : storedColumns }

    /// The same matrix with rows and columns exchanged; nothing moves.
    var transposed: MatrixOperand { MatrixOperand(tensor, isTransposed: !isTransposed) }

    /// What the kernel sees; valid as long as `tensor` lives.
    var kernelOperand: ck_operand {
        ck_operand(
            elements: UnsafeRawPointer(tensor.storage.pointer), stride: storedColumns,
            storage: CK_STORED_FLOAT32, is_transposed: isTransposed)
    }
}

extension MatrixPrecision {
    var kernelPrecision: ck_precision {
        switch self {
        case .float32: CK_PRECISION_FLOAT32
        case .bfloat16: CK_PRECISION_BFLOAT16
        }
    }
}

/// The product of two matrices that fit, plus a bias row if there is one; nothing is recorded.
func product(
    of a: MatrixOperand, and b: MatrixOperand, bias: Tensor? = nil, precision: MatrixPrecision, shape: Shape
) -> Tensor {
    let result = Tensor(uninitialized: shape)
    var description = ck_product()
    description.c = result.storage.pointer
    description.c_stride = b.columns
    description.a = a.kernelOperand
    description.b = b.kernelOperand
    description.M = a.rows
    description.N = b.columns
    description.K = a.columns
    description.precision = precision.kernelPrecision
    description.bias = bias.map { UnsafePointer($0.storage.pointer) }
    let workspace = Workspace(byteCount: ck_matmul_workspace(&description))
    withExtendedLifetime((result, a, b, bias, workspace)) {
        ck_matmul(&description, workspace.pointer)
    }
    return result
}
