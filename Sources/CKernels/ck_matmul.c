#include "ck_matmul.h"

#include "ck_matmul_by_rows.h"
#include "ck_matmul_openblas.h"
#include "ck_product_kernels.h"
#include "ck_scratch.h"
#include "ck_threads.h"

#include <stdint.h>

// A product is computed in steps.  A step covers some columns of C and a stretch of K: first B's part is packed,
// panel by panel, then C's blocks are computed from it, each block packing its own part of A unless that can be read
// where it lies.
//
// Packing B turns it from rows to columns where its lines are contiguous along K, which few rows of C do not pay for.
// Then the product is turned instead: Cᵀ = Bᵀ · Aᵀ turns A, and each block of Cᵀ as it is written.

// A packed piece of A stays in the second-level cache while panels of B pass through the first.
enum {
    ROW_BLOCK = 192,         // rows of C in a block, at most
    COLUMN_BLOCK = 768,      // columns of C in a block, at most
    LOWEST_BLOCK = 48,       // rows below which a block is made narrower instead of lower
    NARROWEST_BLOCK = 192,   // columns below which a block is not made narrower
    DEPTH_BLOCK = 256,       // units along K that one packed piece of A spans
    LEAST_BLOCKS = 16,       // blocks are made smaller until there are so many
    PACKED_UNITS = 4 << 20,  // units of B that a step packs, at most
    UNITS_PER_PACKING_TASK = 1 << 15,
    UNITS_NEAR = 1 << 16,    // units of A, as they lie, that stay in the second-level cache
    UNITS_OF_PAGE = 1 << 10,
    FEW_ROWS = 128,          // rows of C up to which the product is turned
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }
static size_t rounded_up(size_t a, size_t b) { return divided_up(a, b) * b; }
// As many blocks as with `block`, as even as multiples of `unit` can be.
static size_t evened(size_t size, size_t block, size_t unit) {
    return rounded_up(divided_up(size, divided_up(size, block)), unit);
}

typedef struct {
    ck_product product;
    bool is_turned;  // `product` is that of the transposed operands, and its C is still to be transposed
    bool is_symmetric;  // C is computed from the panel with the diagonal on, and the rest mirrored
    const ck_product_kernels *kernels;
    size_t row_block, column_block;
    size_t columns_per_step, depth_per_step;  // depth in elements
    size_t panels_per_task, depth_per_task;  // of packing B
    // The step under way.
    size_t column_begin, column_end, depth_begin, depth_end;
    float *packed;
} schedule;

static ck_conversion conversion_of(const ck_operand *operand, ck_precision precision) {
    if (operand->storage == CK_STORED_BFLOAT16) return CK_CONVERT_WIDEN;
    return precision == CK_PRECISION_BFLOAT16 ? CK_CONVERT_ROUND : CK_CONVERT_COPY;
}

// The part of an operand that has `lines` rows (of A) or columns (of B) from `line` on and `depth` elements along
// K from `k` on.  A's rows are contiguous along K as they are stored, B's columns when it is transposed.
static ck_piece piece_of(const ck_operand *operand, ck_precision precision, bool is_contiguous_along_k, size_t line,
                         size_t lines, size_t k, size_t depth) {
    size_t offset = is_contiguous_along_k ? line * operand->stride + k : k * operand->stride + line;
    size_t bytes = operand->storage == CK_STORED_BFLOAT16 ? 2 : 4;
    return (ck_piece){(const char *)operand->elements + offset * bytes, operand->stride, lines, depth,
                      conversion_of(operand, precision), is_contiguous_along_k};
}

static size_t units_in(const schedule *s, size_t depth) { return divided_up(depth, s->kernels->elements_per_unit); }

// A piece of A that would be packed by copying, and can be multiplied as well where it lies: rows of whole units, which stay in
// the second-level cache.  Rows a multiple of a page apart would drive each other out of the first-level cache.
static bool lies_near(const schedule *s, const ck_piece *piece) {
    size_t per_unit = s->kernels->elements_per_unit, stride = piece->stride / per_unit;
    return piece->is_contiguous_along_k && piece->conversion == s->kernels->conversion_of_units
        && piece->stride % per_unit == 0 && piece->depth % per_unit == 0
        && piece->lines * stride <= UNITS_NEAR && stride % UNITS_OF_PAGE != 0;
}

static ck_operand transposed(ck_operand operand) {
    operand.is_transposed = !operand.is_transposed;
    return operand;
}

// Both operands lie as the turned product wants them, and at most a quarter of its last panel is empty.
static bool pays_to_turn(const ck_product *p, size_t panel) {
    return p->M <= FEW_ROWS && p->N > p->M && !p->a.is_transposed && p->b.is_transposed
        && 4 * p->M >= 3 * rounded_up(p->M, panel);
}

// A matrix times its own transpose.  C is symmetric to the bit: either half adds the same products in the same order.
static bool is_gram(const ck_product *p) {
    return p->a.elements == p->b.elements && p->a.stride == p->b.stride && p->a.storage == p->b.storage
        && p->a.is_transposed != p->b.is_transposed && p->M == p->N && !p->accumulate && !p->bias;
}

// Depends on the product's shape and the variant in force only, and on whether its operands are one.
static schedule scheduled(const ck_product *wanted) {
    schedule s = {.product = *wanted};
    ck_product *p = &s.product;
    s.kernels = p->precision == CK_PRECISION_BFLOAT16 ? ck_product_kernels_bfloat16() : ck_product_kernels_float32();
    size_t rows = s.kernels->tile_rows, columns = s.kernels->panel_columns;
    s.is_turned = pays_to_turn(p, columns);
    s.is_symmetric = is_gram(p);
    if (s.is_turned) {
        p->M = wanted->N;
        p->N = wanted->M;
        p->a = transposed(wanted->b);
        p->b = transposed(wanted->a);
    }
    s.row_block = rounded_up(least(ROW_BLOCK, p->M), rows);
    s.column_block = rounded_up(least(COLUMN_BLOCK, p->N), columns);
    // Most blocks pack their part of A, so blocks stay wide while they can be made lower.
    while (divided_up(p->M, s.row_block) * divided_up(p->N, s.column_block) < LEAST_BLOCKS) {
        if (s.row_block >= 2 * LOWEST_BLOCK) {
            s.row_block = rounded_up(s.row_block / 2, rows);
        } else if (s.column_block >= 2 * NARROWEST_BLOCK) {
            s.column_block = rounded_up(s.column_block / 2, columns);
        } else if (s.row_block >= 8 * rows) {
            s.row_block = rounded_up(s.row_block / 2, rows);
        } else {
            break;
        }
    }
    s.row_block = evened(p->M, s.row_block, rows);
    s.column_block = evened(p->N, s.column_block, columns);
    size_t depth_block = DEPTH_BLOCK * s.kernels->elements_per_unit;
    size_t limit = (size_t)PACKED_UNITS * s.kernels->elements_per_unit;
    s.depth_per_step = least(p->K, limit / s.column_block / depth_block * depth_block);
    s.columns_per_step = least(rounded_up(p->N, columns), limit / s.depth_per_step / columns * columns);
    if (s.columns_per_step > s.column_block) s.columns_per_step -= s.columns_per_step % s.column_block;
    // A task reads whole rows of B, as far as the step goes.
    if (p->b.is_transposed) {
        s.depth_per_task = s.depth_per_step;
        s.panels_per_task = divided_up(UNITS_PER_PACKING_TASK, columns * units_in(&s, s.depth_per_step));
    } else {
        s.panels_per_task = divided_up(s.columns_per_step, columns);
        s.depth_per_task = divided_up(UNITS_PER_PACKING_TASK, s.columns_per_step) * s.kernels->elements_per_unit;
    }
    return s;
}

size_t ck_matmul_workspace(const ck_product *p) {
    if (p->M == 0 || p->N == 0 || p->K == 0) return 0;
    if (ck_matmul_goes_by_rows(p)) return ck_matmul_by_rows_workspace(p);
    if (ck_matmul_uses_openblas(p)) return 0;
    schedule s = scheduled(p);
    return sizeof(float) * s.columns_per_step * units_in(&s, s.depth_per_step);
}

static void pack_panels(void *context, size_t task) {
    const schedule *s = context;
    const ck_product *p = &s->product;
    size_t width = s->kernels->panel_columns, depth = s->depth_end - s->depth_begin;
    size_t columns = s->panels_per_task * width, stretches = divided_up(depth, s->depth_per_task);
    size_t begin = task / stretches * columns, end = least(s->column_end - s->column_begin, begin + columns);
    size_t k = task % stretches * s->depth_per_task, k_end = least(depth, k + s->depth_per_task);
    ck_piece piece = piece_of(&p->b, p->precision, p->b.is_transposed, s->column_begin + begin, end - begin,
                              s->depth_begin + k, k_end - k);
    size_t units = units_in(s, depth);
    s->kernels->pack_panels(s->packed + begin * units + units_in(s, k) * width, units * width, &piece);
}

static void add_bias(float *c, size_t c_stride, const float *bias, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) c[i * c_stride + j] += bias[j];
}

// Writes a block of Cᵀ, `rows` × `columns`, to its place in C.
static void write_turned(const ck_product *p, const float *block, size_t row, size_t rows, size_t column, size_t columns,
                         bool adds, bool is_complete) {
    for (size_t j = 0; j < columns; j++) {
        float *c = p->c + (column + j) * p->c_stride + row;
        for (size_t i = 0; i < rows; i++) c[i] = block[i * columns + j] + (adds ? c[i] : 0);
        for (size_t i = 0; p->bias && is_complete && i < rows; i++) c[i] += p->bias[row + i];
    }
}

static void compute_block(void *context, size_t task) {
    const schedule *s = context;
    const ck_product *p = &s->product;
    size_t row_blocks = divided_up(p->M, s->row_block);
    size_t row = task % row_blocks * s->row_block, rows = least(s->row_block, p->M - row);
    size_t column = s->column_begin + task / row_blocks * s->column_block;
    size_t columns = least(s->column_block, s->column_end - column);
    size_t panel = s->kernels->panel_columns, units = units_in(s, s->depth_end - s->depth_begin);
    size_t depth_block = DEPTH_BLOCK * s->kernels->elements_per_unit;
    size_t packed_rows = rounded_up(rows, s->kernels->tile_rows) * least(units, DEPTH_BLOCK);
    const float *b = s->packed + (column - s->column_begin) * units;
    if (s->is_symmetric && row > column) {
        size_t mirrored = least((row - column) / panel * panel, columns);
        if (mirrored == columns) return;
        column += mirrored;
        columns -= mirrored;
        b += mirrored * units;
    }
    float *a = ck_scratch_for_product(sizeof(float) * (packed_rows + (s->is_turned ? rows * columns : 0)));
    float *c = s->is_turned ? a + packed_rows : p->c + row * p->c_stride + column;
    size_t c_stride = s->is_turned ? columns : p->c_stride;
    bool adds = p->accumulate || s->depth_begin > 0, is_complete = s->depth_end == p->K;

    for (size_t k = s->depth_begin; k < s->depth_end; k += depth_block) {
        size_t depth = least(depth_block, s->depth_end - k), U = units_in(s, depth);
        ck_piece piece = piece_of(&p->a, p->precision, !p->a.is_transposed, row, rows, k, depth);
        const float *a_part = a;
        size_t a_row = U;
        if (lies_near(s, &piece)) {
            a_part = piece.elements;
            a_row = piece.stride / s->kernels->elements_per_unit;
        } else {
            s->kernels->pack_rows(a, &piece);
        }
        s->kernels->multiply(c, c_stride, a_part, a_row, piece.is_contiguous_along_k, b, units * panel, rows, columns, U,
                             k > s->depth_begin || (adds && !s->is_turned));
        b += U * panel;
    }
    if (s->is_turned) write_turned(p, c, row, rows, column, columns, adds, is_complete);
    else if (p->bias && is_complete) add_bias(c, p->c_stride, p->bias + column, rows, columns);
}

// Fills what compute_block left out of a block of rows: whole panels to the left of the diagonal.
static void mirror_rows(void *context, size_t task) {
    enum { TILE = 16 };
    const schedule *s = context;
    const ck_product *p = &s->product;
    size_t row = task * s->row_block, row_end = least(p->M, row + s->row_block);
    size_t columns = row / s->kernels->panel_columns * s->kernels->panel_columns;
    for (size_t i = row; i < row_end; i += TILE)
        for (size_t j = 0; j < columns; j++)
            for (size_t r = i; r < least(row_end, i + TILE); r++) p->c[r * p->c_stride + j] = p->c[j * p->c_stride + r];
}

static void compute_empty_sums(const ck_product *p) {
    for (size_t i = 0; i < p->M; i++) {
        float *row = p->c + i * p->c_stride;
        for (size_t j = 0; j < p->N; j++) row[j] = (p->accumulate ? row[j] : 0) + (p->bias ? p->bias[j] : 0);
    }
}

void ck_matmul(const ck_product *p, void *workspace) {
    if (p->M == 0 || p->N == 0) return;
    if (p->K == 0) return compute_empty_sums(p);
    if (ck_matmul_goes_by_rows(p)) return ck_matmul_by_rows(p, workspace);
    if (ck_matmul_uses_openblas(p)) return ck_matmul_openblas(p);
    schedule s = scheduled(p);
    s.packed = workspace;
    const size_t M = s.product.M, N = s.product.N, K = s.product.K;
    for (size_t column = 0; column < N; column += s.columns_per_step) {
        s.column_begin = column;
        s.column_end = least(N, column + s.columns_per_step);
        for (size_t k = 0; k < K; k += s.depth_per_step) {
            s.depth_begin = k;
            s.depth_end = least(K, k + s.depth_per_step);
            size_t columns = s.column_end - column;
            size_t depth = s.depth_end - s.depth_begin;
            ck_parallel_for(divided_up(columns, s.panels_per_task * s.kernels->panel_columns)
                                * divided_up(depth, s.depth_per_task), pack_panels, &s);
            ck_parallel_for(divided_up(M, s.row_block) * divided_up(columns, s.column_block), compute_block, &s);
        }
    }
    if (s.is_symmetric) ck_parallel_for(divided_up(M, s.row_block), mirror_rows, &s);
}
