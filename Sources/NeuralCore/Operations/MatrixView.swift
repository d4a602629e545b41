internal import CKernels

/// A matrix as the kernels read it, as it is stored or transposed. That of a tensor keeps its elements alive; others are valid
/// as long as what owns them.
struct MatrixView {
    private let owner: Storage?
    private let elements: UnsafeRawPointer
    private let storage: ck_storage
    /// One for each stored row, of integers only.
    fileprivate let scales: UnsafePointer<Float>?
    private let storedRows: Int
    private let storedColumns: Int
    private var isTransposed: Bool

    private init(
        _ elements: UnsafeRawPointer, of owner: Storage?, _ storage: ck_storage,
        scales: UnsafePointer<Float>? = nil, rows: Int, columns: Int, isTransposed: Bool
    ) {
        self.owner = owner
        self.elements = elements
        self.storage = storage
        self.scales = scales
        storedRows = rows
        storedColumns = columns
        self.isTransposed = isTransposed
    }

    /// Rows of 32-bit floats that lie one after another.
    init(_ elements: UnsafePointer<Float>, rows: Int, columns: Int, isTransposed: Bool = false) {
        self.init(
            UnsafeRawPointer(elements), of: nil, CK_STORED_FLOAT32, rows: rows, columns: columns,
            isTransposed: isTransposed)
    }

    /// A tensor whose leading axes are folded into rows, or some of these rows.
    init(_ tensor: Tensor, rows: Range<Int>? = nil, isTransposed: Bool = false) {
        let rows = rows ?? 0..<tensor.rows
        self.init(
            UnsafeRawPointer(tensor.storage.pointer + rows.lowerBound * tensor.channels), of: tensor.storage,
            CK_STORED_FLOAT32, rows: rows.count, columns: tensor.channels, isTransposed: isTransposed)
    }

    /// A weight in the format that it is kept in.
    init(_ matrix: StoredMatrix, isTransposed: Bool = false) {
        let (elements, scales) = matrix.pointers
        self.init(
            elements, of: nil, matrix.kernelStorage, scales: scales, rows: matrix.shape[0],
            columns: matrix.shape[1], isTransposed: isTransposed)
    }

    var rows: Int { isTransposed ? storedColumns : storedRows }
    var columns: Int { isTransposed ? storedRows : storedColumns }

    /// The same elements with rows and columns exchanged; nothing moves.
    var transposed: MatrixView {
        var view = self
        view.isTransposed.toggle()
        return view
    }

    fileprivate var operand: ck_operand {
        ck_operand(
            elements: elements, stride: storedColumns, storage: storage, is_transposed: isTransposed)
    }
}

extension MatrixPrecision {
    fileprivate var kernelPrecision: ck_precision {
        switch self {
        case .float32: CK_PRECISION_FLOAT32
        case .bfloat16: CK_PRECISION_BFLOAT16
        }
    }
}

/// Options of a product other than its precision.
struct ProductOptions: OptionSet {
    let rawValue: UInt8
    /// The product is added to what the result holds.
    static let accumulates = ProductOptions(rawValue: 1)
    /// The bits of a row do not depend on the rows beside it.
    static let rowsAreIndependent = ProductOptions(rawValue: 2)
    /// The caller is a task of several, whose thread has memory of its own to work with.
    static let isInTask = ProductOptions(rawValue: 4)
}

/// Multiplies two matrices that fit into a block of memory: C = A · B, plus a bias row if there is one. Every product of the
/// package is told to the kernels here.
func multiply(
    _ a: MatrixView, _ b: MatrixView, into result: UnsafeMutablePointer<Float>, bias: Tensor? = nil,
    precision: MatrixPrecision, _ options: ProductOptions = []
) {
    var description = ck_product()
    description.c = result
    description.c_stride = b.columns
    description.a = a.operand
    description.b = b.operand
    description.M = a.rows
    description.N = b.columns
    description.K = a.columns
    description.precision = precision.kernelPrecision
    description.bias = bias.map { UnsafePointer($0.storage.pointer) }
    description.scales = b.scales
    description.accumulate = options.contains(.accumulates)
    description.rows_are_independent = options.contains(.rowsAreIndependent)
    let byteCount = ck_matmul_workspace(&description)
    withExtendedLifetime((a, b, bias)) {
        if options.contains(.isInTask) {
            ck_matmul(&description, ck_scratch(byteCount))
        } else {
            let workspace = Workspace(byteCount: byteCount)
            withExtendedLifetime(workspace) { ck_matmul(&description, workspace.pointer) }
        }
    }
}

/// The product of two matrices that fit, plus a bias row if there is one; nothing is recorded.
func product(
    of a: MatrixOperand, and b: MatrixOperand, bias: Tensor? = nil, precision: MatrixPrecision, shape: Shape
) -> Tensor {
    let result = Tensor(uninitialized: shape)
    withExtendedLifetime((a, b)) {
        multiply(a.view(), b.view(), into: result.storage.pointer, bias: bias, precision: precision)
    }
    return result
}

/// A tensor as an operand of a product, which knows the shape that its gradient has.
struct MatrixOperand {
    private enum Elements {
        case whole(Tensor)
        case stored(StoredMatrix)
    }

    private let elements: Elements
    let shape: Shape
    private(set) var isTransposed: Bool

    init(_ tensor: Tensor, isTransposed: Bool = false) {
        elements = .whole(tensor)
        shape = tensor.shape
        self.isTransposed = isTransposed
    }

    /// An operand of several products, rounded once where each of them would round it. The products have the same bits, and
    /// what is kept for them takes half of the memory.
    init(_ tensor: Tensor, roundedFor precision: MatrixPrecision) {
        elements = precision == .bfloat16 ? .stored(StoredMatrix(roundedRowsOf: tensor)) : .whole(tensor)
        shape = tensor.shape
        isTransposed = false
    }

    /// A weight in the format that it is kept in.
    init(_ matrix: StoredMatrix) {
        elements = .stored(matrix)
        shape = matrix.shape
        isTransposed = false
    }

    /// The elements, or some of the rows that are stored, as long as this value lives.
    func view(ofRows rows: Range<Int>? = nil) -> MatrixView {
        switch elements {
        case .whole(let tensor):
            return MatrixView(tensor, rows: rows, isTransposed: isTransposed)
        case .stored(let matrix):
            // The scales of a part of integers would be gone with the part.
            precondition(rows == nil || matrix.format == .bfloat16)
            return MatrixView(rows.map(matrix.part) ?? matrix, isTransposed: isTransposed)
        }
    }

    var rows: Int { view().rows }
    var columns: Int { view().columns }

    var transposed: MatrixOperand {
        var operand = self
        operand.isTransposed.toggle()
        return operand
    }
}

/// Memory for one call of a kernel, taken from the pool of tensor buffers and given back with this value.
struct Workspace {
    private let storage: Storage

    init(byteCount: Int) {
        storage = Storage(count: (byteCount + 3) / 4)
    }

    var pointer: UnsafeMutableRawPointer { UnsafeMutableRawPointer(storage.pointer) }
}
