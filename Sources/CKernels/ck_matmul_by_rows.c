#include "ck_matmul_by_rows.h"

#include "ck_bfloat16.h"
#include "ck_int4.h"
#include "ck_scratch.h"
#include "ck_threads.h"

#ifndef CK_BODY
enum {
    FEW = 16,                        // rows that are multiplied so even if they need not be
    UNITS_PER_TASK = 1 << 16,        // of B
    UNITS_PER_ROW_BLOCK = 1 << 16,   // of A
    UNITS_IN_NEAREST_CACHE = 1 << 13,
    UNITS_PER_PREPARATION = 1 << 14,
};
#endif

#define CK_FILE "ck_matmul_by_rows.c"
#define CK_HAS_PAIRS
#include "ck_variants.h"

#ifdef CK_BODY

#ifndef OUTPUTS
#define OUTPUTS 4
typedef float quad __attribute__((ext_vector_type(OUTPUTS)));
#endif

#ifndef CK_PAIRS
#include "ck_shuffle.h"
#endif

// Rows are multiplied in units of four bytes, as in ck_product_kernels.h: one float32, or two bfloat16.
//
// TILE_ROWS rows of A by OUTPUTS of B are a tile, whose sums stay in registers with the rows of A and one of B.  B's rows
// are converted to units as they are loaded where one or two tiles meet them; where more do, once for all of them.

#undef UNROLLED
#define UNROLLED _Pragma("clang loop unroll(full)")

#undef TILE_ROWS
#if CK_WIDTH == 16 || defined(__aarch64__)
#define TILE_ROWS 6
#else
#define TILE_ROWS 3
#endif

#undef ELEMENTS_PER_UNIT
#ifdef CK_PAIRS
#define ELEMENTS_PER_UNIT 2
#else
#define ELEMENTS_PER_UNIT 1
#endif

// Elements along K in a vector of units.
#undef STEP
#define STEP (ELEMENTS_PER_UNIT * CK_WIDTH)

// MARK: Units

// What is still to be done to B's elements.  Integers up to 127 are bfloat16 numbers.
typedef enum { CK(AS_UNITS), CK(FROM_FLOAT32), CK(FROM_BFLOAT16), CK(FROM_INT8), CK(FROM_INT4) } CK(conversion);

// The bytes of B's elements from a multiple of 128 to another; of stored rows, all.
CK_INLINE size_t CK(bytes)(size_t elements, CK(conversion) conversion) {
    switch (conversion) {
    case CK(AS_UNITS): return elements * (4 / ELEMENTS_PER_UNIT);
    case CK(FROM_FLOAT32): return elements * 4;
    case CK(FROM_BFLOAT16): return elements * 2;
    case CK(FROM_INT8): return elements;
    case CK(FROM_INT4): return ck_int4_blocks(elements) * sizeof(ck_int4_block);
    }
}

#ifdef CK_PAIRS

CK_INLINE floats CK(numbers)(const void *row, size_t k, size_t lanes, ck_storage storage) {
    return storage == CK_STORED_INT8 ? vload_bytes((const int8_t *)row + k, lanes) : vload((const float *)row + k, lanes);
}

// The 16 numbers of a scale, rounded to bfloat16, stand in a table twice, since the lookup takes five bits, the fifth being of the next
// group.
CK_INLINE floats CK(int4)(const ck_int4_block *block, size_t group) {
    const __m512 steps = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7) * 0x1p112f;
    __m512 numbers = steps * vint4_scale(block, group);
    __m512i table = (__m512i)_mm512_cvtne2ps_pbh(numbers, numbers);
    return (floats)_mm512_permutexvar_epi16(_mm512_srli_epi16(_mm512_loadu_si512(block->quads), 4 * group), table);
}

CK_INLINE floats CK(units)(const void *row, size_t k, size_t count, CK(conversion) conversion) {
    if (conversion == CK(FROM_INT4)) {
        return CK(int4)((const ck_int4_block *)row + k / CK_INT4_BLOCK, k / CK_INT4_GROUP % CK_INT4_GROUPS);
    }
    if (conversion == CK(AS_UNITS) || conversion == CK(FROM_BFLOAT16)) {
        return (floats)_mm512_maskz_loadu_epi16(count < STEP ? (1u << count) - 1 : ~0u, (const uint16_t *)row + k);
    }
    const ck_storage storage = conversion == CK(FROM_INT8) ? CK_STORED_INT8 : CK_STORED_FLOAT32;
    floats first = CK(numbers)(row, k, count < CK_WIDTH ? count : CK_WIDTH, storage), second = 0;
    if (count > CK_WIDTH) second = CK(numbers)(row, k + CK_WIDTH, count - CK_WIDTH, storage);
    return (floats)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

CK_INLINE floats CK(add_products)(floats sum, floats a, floats b) {
    return (floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

#else

CK_INLINE floats CK(int4)(const void *row, size_t k) {
    return vload_int4((const ck_int4_block *)row + k / CK_INT4_BLOCK, k / CK_INT4_GROUP % CK_INT4_GROUPS, k % CK_INT4_GROUP);
}

CK_INLINE floats CK(units)(const void *row, size_t k, size_t count, CK(conversion) conversion) {
    switch (conversion) {
    case CK(AS_UNITS): return vload((const float *)row + k, count);
    case CK(FROM_FLOAT32): return vround_to_bfloat16(vload((const float *)row + k, count));
    case CK(FROM_BFLOAT16):
        return vfloat(__builtin_convertvector(vload_shorts((const uint16_t *)row + k, count), ints) << 16);
    case CK(FROM_INT8): return vload_bytes((const int8_t *)row + k, count);
    case CK(FROM_INT4): return CK(int4)(row, k);
    }
}

CK_INLINE floats CK(add_products)(floats sum, floats a, floats b) { return a * b + sum; }

#endif

CK_INLINE CK(conversion) CK(conversion_of)(const ck_product *p) {
    switch (p->b.storage) {
    case CK_STORED_FLOAT32: return p->precision == CK_PRECISION_FLOAT32 ? CK(AS_UNITS) : CK(FROM_FLOAT32);
    case CK_STORED_BFLOAT16: return ELEMENTS_PER_UNIT == 2 ? CK(AS_UNITS) : CK(FROM_BFLOAT16);
    case CK_STORED_INT8: return CK(FROM_INT8);
    case CK_STORED_INT4: return CK(FROM_INT4);
    }
}

// MARK: Tiles

// Every run of 2·half lanes in two vectors becomes one of `half`, its upper part added to the lower.
#define LANE_IN_RUN(j, half) ((j) / (half) * 2 * (half) + (j) % (half))
#define LANE_BESIDE(j, half) (LANE_IN_RUN(j, half) + (half))
#undef HALVED
#define HALVED(a, b, half) \
    (__builtin_shufflevector(a, b, EVERY_LANE(LANE_IN_RUN, half)) + __builtin_shufflevector(a, b, EVERY_LANE(LANE_BESIDE, half)))

// The sums of the lanes of four vectors, each in vsum's order.
CK_INLINE quad CK(four_sums)(const floats *x) {
    floats upper = HALVED(x[0], x[1], CK_WIDTH / 2), lower = HALVED(x[2], x[3], CK_WIDTH / 2);
    floats sums = HALVED(upper, lower, CK_WIDTH / 4);
#if CK_WIDTH > 8
    sums = HALVED(sums, sums, CK_WIDTH / 8);
#endif
#if CK_WIDTH > 4
    sums = HALVED(sums, sums, 1);
#endif
    quad result;
    memcpy(&result, &sums, sizeof result);
    return result;
}

// The rows of a tile.
typedef struct {
    const float *a;
    size_t a_row;                      // units from one row of A to the next
    const char *b[OUTPUTS];
    const char *next;                  // rows of B that will be wanted soon, or NULL
    size_t b_row;                      // bytes from one of them to the next
} CK(operands);

// `rows` and `conversion` are constants where these are called.
CK_INLINE void CK(add_step)(floats (*sum)[OUTPUTS], size_t rows, const CK(operands) *o, size_t k, size_t count,
                            CK(conversion) conversion) {
    floats row[TILE_ROWS];
    UNROLLED for (size_t i = 0; i < rows; i++) row[i] = CK(units)(o->a + i * o->a_row, k, count, CK(AS_UNITS));
    UNROLLED for (size_t j = 0; j < OUTPUTS; j++) {
        floats weights = CK(units)(o->b[j], k, count, conversion);
        UNROLLED for (size_t i = 0; i < rows; i++) sum[i][j] = CK(add_products)(sum[i][j], row[i], weights);
    }
}

// Rows of B are too short for the processor to notice in time that they are read in order, so those of the next tile are
// asked for while this one is multiplied.  One row of A with B in float32 is the exception: there the processor keeps up.
CK_INLINE void CK(tile)(size_t rows, quad *totals, const CK(operands) *operands, size_t K, CK(conversion) conversion) {
    const CK(operands) o = *operands;
    // A block of int4 is taken as a whole, so that the number of each of its groups is a constant.
    const size_t steps = conversion == CK(FROM_INT4) ? CK_INT4_BLOCK / STEP : 2;
    floats sum[TILE_ROWS][OUTPUTS];
    UNROLLED for (size_t i = 0; i < rows; i++) UNROLLED for (size_t j = 0; j < OUTPUTS; j++) sum[i][j] = 0;
    size_t k = 0;
    for (; k + steps * STEP <= K; k += steps * STEP) {
        __builtin_assume(k % (steps * STEP) == 0);
        if (o.next && (rows > 1 || CK(bytes)(64, conversion) < 256)) {
            UNROLLED for (size_t j = 0; j < OUTPUTS; j++)
                UNROLLED for (size_t byte = 0; byte < CK(bytes)(steps * STEP, conversion); byte += 64)
                    __builtin_prefetch(o.next + j * o.b_row + CK(bytes)(k, conversion) + byte, 0, 2);
        }
        UNROLLED for (size_t s = 0; s < steps; s++) CK(add_step)(sum, rows, &o, k + s * STEP, STEP, conversion);
    }
    for (; k + STEP <= K; k += STEP) CK(add_step)(sum, rows, &o, k, STEP, conversion);
    if (k < K) CK(add_step)(sum, rows, &o, k, K - k, conversion);
    UNROLLED for (size_t i = 0; i < rows; i++) totals[i] = CK(four_sums)(sum[i]);
}

// One function for each kind of tile: inlined together, they would compete for registers.
#undef TILE
#define TILE(kind, rows, conversion)                                                                                   \
    static __attribute__((noinline)) void CK(kind##_##rows)(quad *totals, const CK(operands) *o, size_t K) {           \
        CK(tile)(rows, totals, o, K, conversion);                                                                      \
    }
#undef TILES
#undef NAMES
#if TILE_ROWS == 6
#define TILES(kind, conversion)                                                                                        \
    TILE(kind, 1, conversion) TILE(kind, 2, conversion) TILE(kind, 3, conversion)                                      \
    TILE(kind, 4, conversion) TILE(kind, 5, conversion) TILE(kind, 6, conversion)
#define NAMES(kind) {NULL, CK(kind##_1), CK(kind##_2), CK(kind##_3), CK(kind##_4), CK(kind##_5), CK(kind##_6)}
#else
#define TILES(kind, conversion) TILE(kind, 1, conversion) TILE(kind, 2, conversion) TILE(kind, 3, conversion)
#define NAMES(kind) {NULL, CK(kind##_1), CK(kind##_2), CK(kind##_3)}
#endif

TILES(units, CK(AS_UNITS))
TILES(from_float32, CK(FROM_FLOAT32))
TILES(from_bfloat16, CK(FROM_BFLOAT16))
TILES(from_int8, CK(FROM_INT8))
TILES(from_int4, CK(FROM_INT4))

static void (*const CK(tiles)[][TILE_ROWS + 1])(quad *, const CK(operands) *, size_t) = {
    [CK(AS_UNITS)] = NAMES(units),
    [CK(FROM_FLOAT32)] = NAMES(from_float32),
    [CK(FROM_BFLOAT16)] = NAMES(from_bfloat16),
    [CK(FROM_INT8)] = NAMES(from_int8),
    [CK(FROM_INT4)] = NAMES(from_int4),
};

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

// A strip of C: rows [row_begin, row_end) by `columns` from `column` on, whose rows of B lie b_row bytes apart.
static void CK(strip)(const ck_product *p, const float *a, size_t a_row, size_t row_begin, size_t row_end, const char *b,
                      size_t b_row, size_t column, size_t columns, CK(conversion) conversion, bool foresees) {
    // As few tiles as can be, and as even.
    const size_t rows = row_end - row_begin, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, height = (rows + tiles - 1) / tiles;
    for (size_t j = 0; j < columns; j += OUTPUTS, b += OUTPUTS * b_row) {
        CK(operands) o = {.a_row = a_row, .b_row = b_row};
        const size_t outputs = columns - j < OUTPUTS ? columns - j : OUTPUTS;
        // Beyond the last row of B the last one is multiplied again, for nothing.
        UNROLLED for (size_t n = 0; n < OUTPUTS; n++) o.b[n] = b + (n < outputs ? n : outputs - 1) * b_row;
        if (foresees && j + 2 * OUTPUTS <= columns) o.next = b + OUTPUTS * b_row;
        for (size_t i = row_begin; i < row_end; i += height) {
            const size_t count = row_end - i < height ? row_end - i : height;
            quad totals[TILE_ROWS];
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
    const size_t K = p->K, rows = row_end - row_begin, unit_row = (K + STEP - 1) / STEP * CK_WIDTH;
    CK(conversion) conversion = CK(conversion_of)(p);
    const size_t stored_row = CK(bytes)(p->b.stride, conversion);
    const bool converts_ahead = conversion != CK(AS_UNITS) && rows > 2 * TILE_ROWS;
    // Few rows do not wait for more of B than a tile takes.
    const size_t columns_at_once = converts_ahead && rows <= FEW ? OUTPUTS : end - begin;
    float *units = converts_ahead ? ck_scratch_for_product(columns_at_once * unit_row * sizeof(float)) : NULL;
    // So many rows of A stay in the nearest cache while rows of B pass.
    size_t rows_at_once = UNITS_IN_NEAREST_CACHE / unit_row / TILE_ROWS * TILE_ROWS;
    if (rows_at_once < TILE_ROWS) rows_at_once = TILE_ROWS;
    for (size_t j = begin; j < end; j += columns_at_once) {
        const size_t columns = end - j < columns_at_once ? end - j : columns_at_once;
        const char *b = (const char *)p->b.elements + j * stored_row;
        size_t b_row = stored_row;
        if (converts_ahead) {
            CK(convert)(units, unit_row, b, b_row, columns, K, conversion);
            b = (const char *)units;
            b_row = unit_row * sizeof(float);
        }
        for (size_t i = row_begin; i < row_end; i += rows_at_once) {
            const size_t i_end = row_end - i < rows_at_once ? row_end : i + rows_at_once;
            CK(strip)(p, a, a_row, i, i_end, b, b_row, j, columns, converts_ahead ? CK(AS_UNITS) : conversion,
                      !converts_ahead && i == row_begin);
        }
    }
}

#else

typedef struct {
    const ck_product *product;
    bool by_pairs;
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

static rows_by_rows scheduled(const ck_product *p) {
    rows_by_rows s = {.product = p};
#if defined(__x86_64__)
    s.by_pairs = p->precision == CK_PRECISION_BFLOAT16 && ck_variant_current() == CK_VARIANT_AVX512_BF16;
#endif
    const bool lies_so = p->precision == CK_PRECISION_FLOAT32 && p->a.storage == CK_STORED_FLOAT32;
    s.a_row = lies_so ? p->a.stride : s.by_pairs ? divided_up(p->K, 2) : p->K;
    if (lies_so) s.a = p->a.elements;
    const size_t units = greatest(1, divided_up(p->K, s.by_pairs ? 2 : 1));
    s.columns_per_task = greatest(4, UNITS_PER_TASK / units / 4 * 4);
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
