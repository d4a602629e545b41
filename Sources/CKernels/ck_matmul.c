#include "ck_matmul.h"

#include "ck_matmul_openblas.h"
#include "ck_product_kernels.h"
#include "ck_scratch.h"
#include "ck_threads.h"

#include <stdint.h>

// A product is computed in steps.  A step covers some columns of C and a stretch of K: first B's part is packed,
// panel by panel, then C's blocks are computed from it, each block packing its own part of A.

// A packed piece of A stays in the second-level cache while panels of B pass through the first.
enum {
    ROW_BLOCK = 192,         // rows of C in a block, at most
    COLUMN_BLOCK = 768,      // columns of C in a block, at most
    NARROWEST_BLOCK = 192,   // columns below which a block is not made narrower
    DEPTH_BLOCK = 256,       // units along K that one packed piece of A spans
    LEAST_BLOCKS = 16,       // blocks are made smaller until there are so many
    PACKED_UNITS = 4 << 20,  // units of B that a step packs, at most
    UNITS_PER_PACKING_TASK = 1 << 15,
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }
static size_t rounded_up(size_t a, size_t b) { return divided_up(a, b) * b; }

typedef struct {
    const ck_product *product;
    const ck_product_kernels *kernels;
    size_t row_block, column_block;
    size_t columns_per_step, depth_per_step;  // depth in elements
    size_t panels_per_task;
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

// Depends on the product's shape and the variant in force only.
static schedule scheduled(const ck_product *p) {
    schedule s = {.product = p};
    s.kernels = p->precision == CK_PRECISION_BFLOAT16 ? ck_product_kernels_bfloat16() : ck_product_kernels_float32();
    size_t rows = s.kernels->tile_rows, columns = s.kernels->panel_columns;
    s.row_block = rounded_up(least(ROW_BLOCK, p->M), rows);
    s.column_block = rounded_up(least(COLUMN_BLOCK, p->N), columns);
    while (divided_up(p->M, s.row_block) * divided_up(p->N, s.column_block) < LEAST_BLOCKS) {
        if (s.column_block >= 2 * s.row_block && s.column_block >= 2 * NARROWEST_BLOCK) {
            s.column_block = rounded_up(s.column_block / 2, columns);
        } else if (s.row_block >= 8 * rows) {
            s.row_block = rounded_up(s.row_block / 2, rows);
        } else {
            break;
        }
    }
    size_t depth_block = DEPTH_BLOCK * s.kernels->elements_per_unit;
    size_t limit = (size_t)PACKED_UNITS * s.kernels->elements_per_unit;
    s.depth_per_step = least(p->K, limit / s.column_block / depth_block * depth_block);
    s.columns_per_step = least(rounded_up(p->N, columns), limit / s.depth_per_step / columns * columns);
    if (s.columns_per_step > s.column_block) s.columns_per_step -= s.columns_per_step % s.column_block;
    s.panels_per_task = divided_up(UNITS_PER_PACKING_TASK, columns * units_in(&s, s.depth_per_step));
    return s;
}

size_t ck_matmul_workspace(const ck_product *p) {
    if (p->M == 0 || p->N == 0 || p->K == 0 || ck_matmul_uses_openblas(p)) return 0;
    schedule s = scheduled(p);
    return sizeof(float) * s.columns_per_step * units_in(&s, s.depth_per_step);
}

static void pack_panels(void *context, size_t task) {
    const schedule *s = context;
    const ck_product *p = s->product;
    size_t width = s->kernels->panel_columns, depth = s->depth_end - s->depth_begin;
    size_t begin = s->column_begin + task * s->panels_per_task * width;
    size_t end = least(s->column_end, begin + s->panels_per_task * width);
    ck_piece piece = piece_of(&p->b, p->precision, p->b.is_transposed, begin, end - begin, s->depth_begin, depth);
    s->kernels->pack_panels(s->packed + (begin - s->column_begin) * units_in(s, depth), &piece);
}

static void add_bias(float *c, size_t c_stride, const float *bias, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) c[i * c_stride + j] += bias[j];
}

static void compute_block(void *context, size_t task) {
    const schedule *s = context;
    const ck_product *p = s->product;
    size_t row_blocks = divided_up(p->M, s->row_block);
    size_t row = task % row_blocks * s->row_block, rows = least(s->row_block, p->M - row);
    size_t column = s->column_begin + task / row_blocks * s->column_block;
    size_t columns = least(s->column_block, s->column_end - column);
    size_t panel = s->kernels->panel_columns, units = units_in(s, s->depth_end - s->depth_begin);
    size_t depth_block = DEPTH_BLOCK * s->kernels->elements_per_unit;
    const float *b = s->packed + (column - s->column_begin) * units;
    float *c = p->c + row * p->c_stride + column;
    float *a = ck_scratch_for_product(sizeof(float) * rounded_up(rows, s->kernels->tile_rows) * least(units, DEPTH_BLOCK));

    for (size_t k = s->depth_begin; k < s->depth_end; k += depth_block) {
        size_t depth = least(depth_block, s->depth_end - k), U = units_in(s, depth);
        ck_piece piece = piece_of(&p->a, p->precision, !p->a.is_transposed, row, rows, k, depth);
        s->kernels->pack_rows(a, &piece);
        s->kernels->multiply(c, p->c_stride, a, piece.is_contiguous_along_k, b, units * panel, panel, rows, columns, U,
                             p->accumulate || k > 0);
        b += U * panel;
    }
    if (p->bias && s->depth_end == p->K) add_bias(c, p->c_stride, p->bias + column, rows, columns);
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
    if (ck_matmul_uses_openblas(p)) return ck_matmul_openblas(p);
    schedule s = scheduled(p);
    s.packed = workspace;
    for (size_t column = 0; column < p->N; column += s.columns_per_step) {
        s.column_begin = column;
        s.column_end = least(p->N, column + s.columns_per_step);
        for (size_t k = 0; k < p->K; k += s.depth_per_step) {
            s.depth_begin = k;
            s.depth_end = least(p->K, k + s.depth_per_step);
            size_t columns = s.column_end - column;
            ck_parallel_for(divided_up(columns, s.panels_per_task * s.kernels->panel_columns), pack_panels, &s);
            ck_parallel_for(divided_up(p->M, s.row_block) * divided_up(columns, s.column_block), compute_block, &s);
        }
    }
}
