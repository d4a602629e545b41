#include "ck_matmul_by_rows.h"

#include "ck_bfloat16.h"
#include "ck_cpu.h"
#include "ck_int4.h"
#include "ck_scratch.h"
#include "ck_threads.h"

#ifndef CK_BODY
enum {
    FEW = 16,                        // rows that are multiplied so even if they need not be
    UNITS_PER_TASK = 1 << 16,        // of B, at most
    TASKS = 8,                       // fewer columns go to a task until there are so many
    PRODUCTS_PER_TASK = 1 << 18,     // but not fewer multiplications: some microseconds
    UNITS_PER_ROW_BLOCK = 1 << 16,   // of A, which stay in the second-level cache
    UNITS_PER_PREPARATION = 1 << 14,
};

// Whether A is rounded to the integers of ck_int4_tiles.h instead of to bfloat16.
static bool goes_by_integers(const ck_product *p) {
    return p->b.storage == CK_STORED_INT4 && p->precision == CK_PRECISION_BFLOAT16
        && ck_variant_current() == CK_VARIANT_AVX2;
}

// 128 neighbors of a row of A, which have one scale, eight times, or of B, with those of the four groups, twice.
typedef struct {
    int16_t elements[CK_INT4_BLOCK];
    float scales[8];
} integer_block;

// The units of a row of them.
static size_t integer_row(size_t K) { return ck_int4_blocks(K) * sizeof(integer_block) / sizeof(float); }
#endif

#define CK_FILE "ck_matmul_by_rows.c"
#define CK_HAS_PAIRS
#include "ck_variants.h"

#ifdef CK_BODY

#ifndef CK_PAIRS
#include "ck_shuffle.h"
#endif

#include "ck_row_tiles.h"

// MARK: Rows by rows

CK_INLINE void CK(convert_row)(float *out, const char *row, const char *next, size_t K, CK(conversion) conversion) {
    size_t k = 0;
    for (; k + STEP <= K; k += STEP) {
        vstore(out + k / ELEMENTS_PER_UNIT, CK(units)(row, k, STEP, conversion), CK_WIDTH);
        __builtin_prefetch(next + CK(bytes)(k, conversion), 0, 2);
    }
    if (k < K) vstore(out + k / ELEMENTS_PER_UNIT, CK(units)(row, k, K - k, conversion), CK_WIDTH);
}

// Rows of B become units, each with room for whole vectors.  The rows after them are asked for meanwhile.
static void CK(convert)(float *out, size_t out_row, const char *b, size_t b_row, size_t rows, size_t K,
                        CK(conversion) conversion) {
    const char *next = b + rows * b_row;
    for (size_t j = 0; j < rows; j++, out += out_row, b += b_row, next += b_row) {
        if (conversion == CK(FROM_FLOAT32)) CK(convert_row)(out, b, next, K, CK(FROM_FLOAT32));
        else if (conversion == CK(FROM_BFLOAT16)) CK(convert_row)(out, b, next, K, CK(FROM_BFLOAT16));
        else if (conversion == CK(FROM_INT8)) CK(convert_row)(out, b, next, K, CK(FROM_INT8));
#if CK_WIDTH == 8
        else if (conversion == CK(TO_INTEGERS)) CK(unpack_row)(out, b, next, K);
#endif
        else CK(convert_row)(out, b, next, K, CK(FROM_INT4));
    }
}

CK_INLINE quad CK(some)(const float *from, size_t count) {
    quad x = 0;
    memcpy(&x, from, count * sizeof(float));
    return x;
}

CK_INLINE void CK(write)(const ck_product *p, size_t i, size_t j, size_t count, quad total) {
    float *c = p->c + i * p->c_stride + j;
    if (p->scales) total *= CK(some)(p->scales + j, count);
    if (p->accumulate) total += CK(some)(c, count);
    if (p->bias) total += CK(some)(p->bias + j, count);
    memcpy(c, &total, count * sizeof(float));
}

// A strip of C: rows [row_begin, row_end) by `columns` from `column` on, whose rows of B lie b_row bytes apart.  OUTPUTS of
// these meet all rows of A, which come from the second-level cache, while the next ones come from memory.
static void CK(strip)(const ck_product *p, const float *a, size_t a_row, size_t row_begin, size_t row_end, const char *b,
                      size_t b_row, size_t column, size_t columns, CK(conversion) conversion, bool foresees) {
    // As few tiles as can be, and as even.
    const size_t rows = row_end - row_begin, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, height = (rows + tiles - 1) / tiles;
    // Many tiles share the asking: all at once, more would be asked for than can be under way.
    const size_t share = tiles > 2 ? (OUTPUTS * b_row / tiles + 63) / 64 * 64 : 0;
    for (size_t j = 0; j < columns; j += OUTPUTS, b += OUTPUTS * b_row) {
        CK(operands) o = {.a_row = a_row, .b_row = b_row};
        const bool has_next = foresees && j + 2 * OUTPUTS <= columns;
        const size_t outputs = columns - j < OUTPUTS ? columns - j : OUTPUTS;
        // Beyond the last row of B the last one is multiplied again, for nothing.
        UNROLLED for (size_t n = 0; n < OUTPUTS; n++) o.b[n] = b + (n < outputs ? n : outputs - 1) * b_row;
        if (has_next && !share) o.next = b + OUTPUTS * b_row;
        const char *next = b + OUTPUTS * b_row;
        for (size_t i = row_begin; i < row_end; i += height, next += share) {
            const size_t count = row_end - i < height ? row_end - i : height;
            quad totals[TILE_ROWS];
            for (size_t byte = 0; has_next && byte < share; byte += 64) __builtin_prefetch(next + byte, 0, 2);
            o.a = a + i * a_row;
            CK(tiles)[conversion][count](totals, &o, p->K);
            for (size_t n = 0; n < count; n++) {
                if (outputs == OUTPUTS) CK(write)(p, i + n, column + j, OUTPUTS, totals[n]);
                else CK(write)(p, i + n, column + j, outputs, totals[n]);
            }
            o.next = NULL;
        }
    }
}

// Rows [row_begin, row_end) by columns [begin, end) of C.  a: A as units, row by row, a_row units apart
static void CK(by_rows)(const ck_product *p, const float *a, size_t a_row, size_t row_begin, size_t row_end, size_t begin,
                        size_t end) {
    const size_t K = p->K, rows = row_end - row_begin;
    CK(conversion) conversion = CK(conversion_of)(p), converted = conversion == CK(TO_INTEGERS) ? CK(AS_INTEGERS) : CK(AS_UNITS);
    const size_t unit_row = conversion == CK(TO_INTEGERS) ? integer_row(K) : (K + STEP - 1) / STEP * CK_WIDTH;
    const size_t stored_row = CK(bytes)(p->b.stride, conversion);
    const bool converts_ahead = conversion != CK(AS_UNITS) && rows > 2 * TILE_ROWS;
    // Few rows do not wait for more of B than a tile takes.
    const size_t columns_at_once = converts_ahead && rows <= FEW ? OUTPUTS : end - begin;
    float *units = converts_ahead ? ck_scratch_for_product(columns_at_once * unit_row * sizeof(float)) : NULL;
    for (size_t j = begin; j < end; j += columns_at_once) {
        const size_t columns = end - j < columns_at_once ? end - j : columns_at_once;
        const char *b = (const char *)p->b.elements + j * stored_row;
        size_t b_row = stored_row;
        if (converts_ahead) {
            CK(convert)(units, unit_row, b, b_row, columns, K, conversion);
            b = (const char *)units;
            b_row = unit_row * sizeof(float);
        }
        CK(strip)(p, a, a_row, row_begin, row_end, b, b_row, j, columns, converts_ahead ? converted : conversion,
                  !converts_ahead);
    }
}

#else

typedef struct {
    const ck_product *product;
    bool by_pairs, by_integers;
    const float *a;  // A as units
    float *prepared; // where they are made, or NULL where A lies so
    size_t a_row;
    size_t columns_per_task, rows_per_task, rows_per_preparation;
} rows_by_rows;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t greatest(size_t a, size_t b) { return a > b ? a : b; }
static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }

bool ck_matmul_goes_by_rows(const ck_product *p) {
    if (p->rows_are_independent) return true;
    return p->precision == CK_PRECISION_BFLOAT16 && p->M <= FEW && !p->a.is_transposed && p->b.is_transposed;
}

// Columns of C per task.  The number of tasks is even, since thread counts mostly are.  Bits do not depend on it.
static size_t columns_per_task(const ck_product *p, size_t units) {
    const size_t most = greatest(4, UNITS_PER_TASK / units / 4 * 4);
    const size_t worthwhile = least(TASKS, p->M * p->N * units / PRODUCTS_PER_TASK);
    const size_t tasks = greatest(divided_up(p->N, most), worthwhile);
    return greatest(4, divided_up(divided_up(p->N, tasks < 2 ? 1 : divided_up(tasks, 2) * 2), 4) * 4);
}

static rows_by_rows scheduled(const ck_product *p) {
    rows_by_rows s = {.product = p};
#if defined(__x86_64__)
    s.by_pairs = p->precision == CK_PRECISION_BFLOAT16 && ck_variant_current() == CK_VARIANT_AVX512_BF16;
#endif
    s.by_integers = goes_by_integers(p);
    const bool lies_so = p->precision == CK_PRECISION_FLOAT32 && p->a.storage == CK_STORED_FLOAT32;
    s.a_row = lies_so ? p->a.stride : s.by_pairs ? divided_up(p->K, 2) : s.by_integers ? integer_row(p->K) : p->K;
    if (lies_so) s.a = p->a.elements;
    const size_t units = greatest(1, divided_up(p->K, s.by_pairs ? 2 : 1));
    s.columns_per_task = columns_per_task(p, units);
    s.rows_per_task = greatest(12, UNITS_PER_ROW_BLOCK / units / 12 * 12);
    s.rows_per_preparation = greatest(1, UNITS_PER_PREPARATION / units);
    return s;
}

size_t ck_matmul_by_rows_workspace(const ck_product *p) {
    rows_by_rows s = scheduled(p);
    return s.a ? 0 : p->M * s.a_row * sizeof(float);
}

static void prepare_rows(void *context, size_t task) {
    const rows_by_rows *s = context;
    const ck_product *p = s->product;
    const bool is_half = p->a.storage == CK_STORED_BFLOAT16;
    const size_t begin = task * s->rows_per_preparation;
    for (size_t i = begin; i < least(p->M, begin + s->rows_per_preparation); i++) {
        const void *row = (const char *)p->a.elements + i * p->a.stride * (is_half ? 2 : 4);
        float *units = s->prepared + i * s->a_row;
#if defined(__x86_64__)
        if (s->by_integers) {
            ck_avx2_round_row(units, row, is_half, p->K);
            continue;
        }
#endif
        if (s->by_pairs && p->K % 2 > 0) units[p->K / 2] = 0;
        if (s->by_pairs && is_half) memcpy(units, row, p->K * sizeof(uint16_t));
        else if (s->by_pairs) ck_bfloat16_from_float32((uint16_t *)units, row, 0, p->K);
        else if (is_half) ck_float32_from_bfloat16(units, row, 0, p->K);
        else ck_round_to_bfloat16(units, row, 0, p->K);
    }
}

static void multiply_rows(void *context, size_t task) {
    const rows_by_rows *s = context;
    const ck_product *p = s->product;
    const size_t row_blocks = divided_up(p->M, s->rows_per_task);
    const size_t row = task % row_blocks * s->rows_per_task, row_end = least(p->M, row + s->rows_per_task);
    const size_t column = task / row_blocks * s->columns_per_task, end = least(p->N, column + s->columns_per_task);
#if defined(__x86_64__)
    if (s->by_pairs) return ck_avx512bf16_by_rows(p, s->a, s->a_row, row, row_end, column, end);
#endif
    CK_CALL(by_rows)(p, s->a, s->a_row, row, row_end, column, end);
}

void ck_matmul_by_rows(const ck_product *p, void *workspace) {
    rows_by_rows s = scheduled(p);
    if (!s.a) {
        s.a = s.prepared = workspace;
        ck_parallel_for(divided_up(p->M, s.rows_per_preparation), prepare_rows, &s);
    }
    ck_parallel_for(divided_up(p->M, s.rows_per_task) * divided_up(p->N, s.columns_per_task), multiply_rows, &s);
}

#endif
