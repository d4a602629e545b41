// Tiles of products of rows by rows: part of ck_matmul_by_rows.c, read once per processor variant.
//
// Rows are multiplied in units of four bytes, as in ck_product_kernels.h: one float32, or two bfloat16.
//
// TILE_ROWS rows of A by OUTPUTS of B are a tile, whose sums stay in registers with the rows of A and one of B.  B's rows
// are converted to units as they are loaded where one or two tiles meet them; where more do, once for all of them.

#ifndef OUTPUTS
#define OUTPUTS 4
typedef float quad __attribute__((ext_vector_type(OUTPUTS)));
#endif

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

// What is still to be done to B's elements.  Integers up to 127 are bfloat16 numbers.  The last two belong to ck_int4_tiles.h.
typedef enum {
    CK(AS_UNITS),
    CK(FROM_FLOAT32),
    CK(FROM_BFLOAT16),
    CK(FROM_INT8),
    CK(FROM_INT4),
    CK(AS_INTEGERS),
    CK(TO_INTEGERS),
} CK(conversion);

// The bytes of B's elements from a multiple of 128 to another; of stored rows, all.
CK_INLINE size_t CK(bytes)(size_t elements, CK(conversion) conversion) {
    switch (conversion) {
    case CK(AS_UNITS): return elements * (4 / ELEMENTS_PER_UNIT);
    case CK(FROM_FLOAT32): return elements * 4;
    case CK(FROM_BFLOAT16): return elements * 2;
    case CK(FROM_INT8): return elements;
    default: return ck_int4_blocks(elements) * sizeof(ck_int4_block);
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
    default: return CK(int4)(row, k);
    }
}

CK_INLINE floats CK(add_products)(floats sum, floats a, floats b) { return a * b + sum; }

#endif

CK_INLINE CK(conversion) CK(conversion_of)(const ck_product *p) {
    if (goes_by_integers(p)) return CK(TO_INTEGERS);
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

#if CK_WIDTH == 8
#include "ck_int4_tiles.h"
#endif

// One function for each kind of tile: inlined together, they would compete for registers.
#undef TILE
#define TILE(kind, rows, tile, conversion)                                                                             \
    static __attribute__((noinline)) void CK(kind##_##rows)(quad *totals, const CK(operands) *o, size_t K) {           \
        CK(tile)(rows, totals, o, K, conversion);                                                                      \
    }
#undef TILES
#undef NAMES
#if TILE_ROWS == 6
#define TILES(kind, tile, conversion)                                                                                  \
    TILE(kind, 1, tile, conversion) TILE(kind, 2, tile, conversion) TILE(kind, 3, tile, conversion)                    \
    TILE(kind, 4, tile, conversion) TILE(kind, 5, tile, conversion) TILE(kind, 6, tile, conversion)
#define NAMES(kind) {NULL, CK(kind##_1), CK(kind##_2), CK(kind##_3), CK(kind##_4), CK(kind##_5), CK(kind##_6)}
#else
#define TILES(kind, tile, conversion)                                                                                  \
    TILE(kind, 1, tile, conversion) TILE(kind, 2, tile, conversion) TILE(kind, 3, tile, conversion)
#define NAMES(kind) {NULL, CK(kind##_1), CK(kind##_2), CK(kind##_3)}
#endif

TILES(units, tile, CK(AS_UNITS))
TILES(from_float32, tile, CK(FROM_FLOAT32))
TILES(from_bfloat16, tile, CK(FROM_BFLOAT16))
TILES(from_int8, tile, CK(FROM_INT8))
TILES(from_int4, tile, CK(FROM_INT4))
#if CK_WIDTH == 8
TILES(integers, integer_tile, CK(AS_INTEGERS))
TILES(to_integers, integer_tile, CK(TO_INTEGERS))
#endif

static void (*const CK(tiles)[][TILE_ROWS + 1])(quad *, const CK(operands) *, size_t) = {
    [CK(AS_UNITS)] = NAMES(units),
    [CK(FROM_FLOAT32)] = NAMES(from_float32),
    [CK(FROM_BFLOAT16)] = NAMES(from_bfloat16),
    [CK(FROM_INT8)] = NAMES(from_int8),
    [CK(FROM_INT4)] = NAMES(from_int4),
#if CK_WIDTH == 8
    [CK(AS_INTEGERS)] = NAMES(integers),
    [CK(TO_INTEGERS)] = NAMES(to_integers),
#endif
};
