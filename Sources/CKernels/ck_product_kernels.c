#include "ck_product_kernels.h"

#define CK_FILE "ck_product_kernels.c"
#define CK_HAS_PAIRS
#include "ck_variants.h"

#ifdef CK_BODY

// Registers: TILE_ROWS × TILE_VECTORS sums, TILE_VECTORS of B and one of A.
#undef TILE_ROWS
#undef TILE_VECTORS
#if CK_WIDTH == 16 || defined(__aarch64__)
#define TILE_ROWS 8
#define TILE_VECTORS 3
#else
#define TILE_ROWS 6
#define TILE_VECTORS 2
#endif

#undef PANEL
#define PANEL (TILE_VECTORS * CK_WIDTH)

#undef UNROLLED
#define UNROLLED _Pragma("clang loop unroll(full)")

// MARK: Fetching CK_WIDTH units

// `fetch_along` fetches the units of one line from element k on, `fetch_across` one unit of CK_WIDTH lines.
// What lies beyond the piece is zero.

#ifndef CK_PAIRS

CK_INLINE floats CK(fetch)(const void *elements, size_t index, size_t count, ck_conversion conversion) {
    if (conversion == CK_CONVERT_WIDEN) {
        const uint16_t *from = (const uint16_t *)elements + index;
        shorts x = count < CK_WIDTH ? vload_shorts(from, count) : vload_shorts(from, CK_WIDTH);
        return vfloat(__builtin_convertvector(x, ints) << 16);
    }
    const float *from = (const float *)elements + index;
    floats x = count < CK_WIDTH ? vload(from, count) : vload(from, CK_WIDTH);
    return conversion == CK_CONVERT_ROUND ? vround_to_bfloat16(x) : x;
}

CK_INLINE floats CK(fetch_along)(const ck_piece *p, size_t line, size_t k, ck_conversion conversion) {
    return CK(fetch)(p->elements, line * p->stride + k, p->depth - k, conversion);
}

CK_INLINE floats CK(fetch_across)(const ck_piece *p, size_t line, size_t k, ck_conversion conversion) {
    return CK(fetch)(p->elements, k * p->stride + line, p->lines - line, conversion);
}

CK_INLINE floats CK(multiply_add)(floats sum, float a, floats b) { return a * b + sum; }

#define ELEMENTS_PER_UNIT 1
#define CONVERSION_OF_UNITS CK_CONVERT_COPY

#else

// CK_WIDTH elements as bfloat16.
CK_INLINE shorts CK(fetch)(const void *elements, size_t index, size_t count, ck_conversion conversion) {
    if (conversion == CK_CONVERT_WIDEN) {
        const uint16_t *from = (const uint16_t *)elements + index;
        return count < CK_WIDTH ? vload_shorts(from, count) : vload_shorts(from, CK_WIDTH);
    }
    const float *from = (const float *)elements + index;
    return (shorts)_mm512_cvtneps_pbh((__m512)(count < CK_WIDTH ? vload(from, count) : vload(from, CK_WIDTH)));
}

CK_INLINE floats CK(fetch_along)(const ck_piece *p, size_t line, size_t k, ck_conversion conversion) {
    size_t index = line * p->stride + k, count = p->depth - k;
    shorts pairs[2] = {CK(fetch)(p->elements, index, count, conversion), 0};
    if (count > CK_WIDTH) pairs[1] = CK(fetch)(p->elements, index + CK_WIDTH, count - CK_WIDTH, conversion);
    floats units;
    memcpy(&units, pairs, sizeof units);
    return units;
}

CK_INLINE floats CK(fetch_across)(const ck_piece *p, size_t line, size_t k, ck_conversion conversion) {
    size_t index = k * p->stride + line, count = p->lines - line;
    ints low = __builtin_convertvector(CK(fetch)(p->elements, index, count, conversion), ints), high = 0;
    if (k + 1 < p->depth) {
        high = __builtin_convertvector(CK(fetch)(p->elements, index + p->stride, count, conversion), ints);
    }
    return vfloat(high << 16 | low);
}

// Two products of each lane's pair, added to the sum in the way of the processor.
CK_INLINE floats CK(multiply_add)(floats sum, float a, floats b) {
    floats pair = a;
    return (floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)pair, (__m512bh)b);
}

#undef ELEMENTS_PER_UNIT
#undef CONVERSION_OF_UNITS
#define ELEMENTS_PER_UNIT 2
#define CONVERSION_OF_UNITS CK_CONVERT_WIDEN

#endif

// MARK: Packing

#undef UNITS
#define UNITS(depth) (((depth) + ELEMENTS_PER_UNIT - 1) / ELEMENTS_PER_UNIT)

CK_INLINE void CK(store)(float *out, floats x, size_t count) {
    if (count < CK_WIDTH) vstore(out, x, count);
    else vstore(out, x, CK_WIDTH);
}

// Rows are far apart in memory, and the processor foresees only steps within a page.
CK_INLINE void CK(prefetch_row)(const ck_piece *p, size_t row, size_t index, ck_conversion conversion) {
    size_t bytes = conversion == CK_CONVERT_WIDEN ? sizeof(uint16_t) : sizeof(float);
    __builtin_prefetch((const char *)p->elements + (row * p->stride + index) * bytes);
}

enum { CK(ROWS_AHEAD) = 8, CK(ELEMENTS_AHEAD) = 1024 };

// The narrower a piece, the sooner are its rows done with.
CK_INLINE size_t CK(rows_ahead)(const ck_piece *p) { return 1 + CK(ELEMENTS_AHEAD) / p->lines; }

CK_INLINE void CK(pack_rows_converting)(float *out, const ck_piece *p, ck_conversion conversion) {
    size_t U = UNITS(p->depth);
    if (p->is_contiguous_along_k) {
        for (size_t line = 0; line < p->lines; line++, out += U) {
            for (size_t u = 0; u < U; u += CK_WIDTH) {
                size_t k = u * ELEMENTS_PER_UNIT;
                CK(prefetch_row)(p, line + CK(ROWS_AHEAD), k, conversion);
                CK(store)(out + u, CK(fetch_along)(p, line, k, conversion), U - u);
            }
        }
        return;
    }
    const size_t ahead = CK(rows_ahead)(p);
    for (size_t u = 0; u < U; u++) {
        size_t k = u * ELEMENTS_PER_UNIT;
        for (size_t line = 0; line < p->lines; line += TILE_ROWS) {
            float *to = out + line * U + u * TILE_ROWS;
            CK(prefetch_row)(p, k + ahead, line, conversion);
            UNROLLED for (size_t i = 0; i < TILE_ROWS; i += CK_WIDTH)
                if (line + i < p->lines) CK(store)(to + i, CK(fetch_across)(p, line + i, k, conversion), TILE_ROWS - i);
        }
    }
}

// Exchanges rows and columns of CK_WIDTH vectors: at each stage, blocks of half the size change places.
CK_INLINE void CK(transpose)(floats *x) {
#define EXCHANGE(half, LOW, HIGH)                                               \
    UNROLLED for (int i = 0; i < CK_WIDTH; i++) {                               \
        if (i & half) continue;                                                 \
        floats upper = x[i], lower = x[i + half];                               \
        x[i] = __builtin_shufflevector(upper, lower, LOW);                      \
        x[i + half] = __builtin_shufflevector(upper, lower, HIGH);              \
    }
#define LIST(...) __VA_ARGS__
#if CK_WIDTH == 4
    EXCHANGE(2, LIST(0, 1, 4, 5), LIST(2, 3, 6, 7))
    EXCHANGE(1, LIST(0, 4, 2, 6), LIST(1, 5, 3, 7))
#elif CK_WIDTH == 8
    EXCHANGE(4, LIST(0, 1, 2, 3, 8, 9, 10, 11), LIST(4, 5, 6, 7, 12, 13, 14, 15))
    EXCHANGE(2, LIST(0, 1, 8, 9, 4, 5, 12, 13), LIST(2, 3, 10, 11, 6, 7, 14, 15))
    EXCHANGE(1, LIST(0, 8, 2, 10, 4, 12, 6, 14), LIST(1, 9, 3, 11, 5, 13, 7, 15))
#else
    EXCHANGE(8, LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
             LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
    EXCHANGE(4, LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
             LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
    EXCHANGE(2, LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
             LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
    EXCHANGE(1, LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
             LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#endif
#undef EXCHANGE
#undef LIST
}

// One panel of lines that are contiguous along K: they change from rows to columns.
CK_INLINE void CK(pack_panel_along)(float *out, const ck_piece *p, size_t line, ck_conversion conversion) {
    size_t U = UNITS(p->depth);
    for (size_t j = 0; j < PANEL; j += CK_WIDTH) {
        for (size_t u = 0; u < U; u += CK_WIDTH) {
            floats square[CK_WIDTH];
            UNROLLED for (size_t i = 0; i < CK_WIDTH; i++) {
                square[i] = 0;
                if (line + j + i < p->lines)
                    square[i] = CK(fetch_along)(p, line + j + i, u * ELEMENTS_PER_UNIT, conversion);
            }
            CK(transpose)(square);
            size_t units = U - u < CK_WIDTH ? U - u : CK_WIDTH;
            for (size_t i = 0; i < units; i++) vstore(out + (u + i) * PANEL + j, square[i], CK_WIDTH);
        }
    }
}

CK_INLINE void CK(pack_panels_converting)(float *out, size_t out_panel, const ck_piece *p, ck_conversion conversion) {
    size_t U = UNITS(p->depth);
    if (p->is_contiguous_along_k) {
        for (size_t line = 0; line < p->lines; line += PANEL)
            CK(pack_panel_along)(out + line / PANEL * out_panel, p, line, conversion);
        return;
    }
    const size_t ahead = CK(rows_ahead)(p);
    for (size_t u = 0; u < U; u++) {
        size_t k = u * ELEMENTS_PER_UNIT;
        for (size_t line = 0; line < p->lines; line += PANEL) {
            float *to = out + line / PANEL * out_panel + u * PANEL;
            UNROLLED for (size_t j = 0; j < PANEL; j += CK_WIDTH) {
                CK(prefetch_row)(p, k + ahead, line + j, conversion);
                vstore(to + j, line + j < p->lines ? CK(fetch_across)(p, line + j, k, conversion) : (floats)0, CK_WIDTH);
            }
        }
    }
}

#undef CONVERTING
#ifdef CK_PAIRS
#define CONVERTING(function, piece, ...)                                                            \
    if (piece->conversion == CK_CONVERT_WIDEN) function(__VA_ARGS__, piece, CK_CONVERT_WIDEN);      \
    else function(__VA_ARGS__, piece, CK_CONVERT_ROUND)
#else
#define CONVERTING(function, piece, ...)                                                            \
    if (piece->conversion == CK_CONVERT_WIDEN) function(__VA_ARGS__, piece, CK_CONVERT_WIDEN);      \
    else if (piece->conversion == CK_CONVERT_ROUND) function(__VA_ARGS__, piece, CK_CONVERT_ROUND); \
    else function(__VA_ARGS__, piece, CK_CONVERT_COPY)
#endif

static void CK(pack_rows)(float *out, const ck_piece *piece) {
    CONVERTING(CK(pack_rows_converting), piece, out);
}

static void CK(pack_panels)(float *out, size_t out_panel, const ck_piece *piece) {
    CONVERTING(CK(pack_panels_converting), piece, out, out_panel);
}

// MARK: Multiplying

// `rows` is a constant where this is called, so that the sums stay in registers.
CK_INLINE void CK(tile)(size_t rows, float *c, size_t c_stride, const float *a, size_t a_row, size_t a_unit,
                        const float *b, size_t U, bool adds, const float *next) {
    floats sum[TILE_ROWS][TILE_VECTORS];
    UNROLLED for (size_t i = 0; i < TILE_ROWS; i++) UNROLLED for (size_t j = 0; j < TILE_VECTORS; j++) sum[i][j] = 0;

    // Three rows to a pointer, within reach of an address's scaled index.
    const float *rows_of_a[3] = {a, a + 3 * a_row, a + 6 * a_row};
    _Pragma("clang loop unroll(disable)") for (size_t u = 0; u < U; u++) {
        floats row[TILE_VECTORS];
        UNROLLED for (size_t j = 0; j < TILE_VECTORS; j++) row[j] = vload(b + j * CK_WIDTH, CK_WIDTH);
        UNROLLED for (size_t i = 0; i < rows; i++)
            UNROLLED for (size_t j = 0; j < TILE_VECTORS; j++)
                sum[i][j] = CK(multiply_add)(sum[i][j], rows_of_a[i / 3][i % 3 * a_row], row[j]);
        __builtin_prefetch(next);
        next += TILE_ROWS;
        UNROLLED for (size_t i = 0; i < 3; i++) rows_of_a[i] += a_unit;
        b += PANEL;
    }
    UNROLLED for (size_t i = 0; i < rows; i++) {
        UNROLLED for (size_t j = 0; j < TILE_VECTORS; j++) {
            float *to = c + i * c_stride + j * CK_WIDTH;
            vstore(to, adds ? vload(to, CK_WIDTH) + sum[i][j] : sum[i][j], CK_WIDTH);
        }
    }
}

// One function for each number of rows: inlined together, they would compete for registers.
#undef TILE
#define TILE(rows)                                                                                        \
    static __attribute__((noinline)) void CK(tile_##rows)(                                                \
        float *c, size_t c_stride, const float *a, size_t a_row, size_t a_unit, const float *b, size_t U, \
        bool adds, const float *next) {                                                                   \
        CK(tile)(rows, c, c_stride, a, a_row, a_unit, b, U, adds, next);                                  \
    }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if TILE_ROWS == 8
TILE(7) TILE(8)
#endif

typedef void (*CK(tile_function))(float *, size_t, const float *, size_t, size_t, const float *, size_t, bool, const float *);

static const CK(tile_function) CK(tile_of_rows)[] = {
    NULL, CK(tile_1), CK(tile_2), CK(tile_3), CK(tile_4), CK(tile_5), CK(tile_6),
#if TILE_ROWS == 8
    CK(tile_7), CK(tile_8),
#endif
};

static void CK(multiply)(float *c, size_t c_stride, const float *a, size_t a_row, bool a_is_contiguous_along_k,
                         const float *b, size_t b_panel, size_t rows, size_t columns, size_t U, bool adds) {
    const size_t row = a_is_contiguous_along_k ? a_row : 1, unit = a_is_contiguous_along_k ? 1 : TILE_ROWS;
    // With each tile a share of the next panel is fetched, in whole cache lines.
    const size_t tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, share = (U * PANEL / tiles + 15) / 16 * 16;
    for (size_t j = 0; j < columns; j += PANEL, b += b_panel) {
        const size_t width = columns - j < PANEL ? columns - j : PANEL;
        const float *ahead = b + b_panel;
        for (size_t i = 0; i < rows; i += TILE_ROWS, ahead += share) {
            const size_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
            CK(tile_function) tile = CK(tile_of_rows)[height];
            const float *part = a + i * a_row, *next = i + TILE_ROWS < rows ? part + TILE_ROWS * a_row : a;
            float *to = c + i * c_stride + j;
            for (size_t n = 0; n < share; n += 16) __builtin_prefetch(ahead + n, 0, 2);
            for (size_t r = 0; r < height; r++) __builtin_prefetch(to + r * c_stride);
            if (width == PANEL) {
                tile(to, c_stride, part, row, unit, b, U, adds, next);
                continue;
            }
            float edge[TILE_ROWS * PANEL];
            tile(edge, PANEL, part, row, unit, b, U, false, next);
            for (size_t r = 0; r < height; r++)
                for (size_t s = 0; s < width; s++) {
                    float *sum = to + r * c_stride + s;
                    *sum = adds ? *sum + edge[r * PANEL + s] : edge[r * PANEL + s];
                }
        }
    }
}

static const ck_product_kernels *CK(kernels)(void) {
    static const ck_product_kernels kernels = {TILE_ROWS,     PANEL,           ELEMENTS_PER_UNIT, CONVERSION_OF_UNITS,
                                               CK(pack_rows), CK(pack_panels), CK(multiply)};
    return &kernels;
}

#else

const ck_product_kernels *ck_product_kernels_float32(void) { return CK_CALL(kernels)(); }

const ck_product_kernels *ck_product_kernels_bfloat16(void) {
#if defined(__x86_64__)
    if (ck_variant_current() == CK_VARIANT_AVX512_BF16) return ck_avx512bf16_kernels();
#endif
    return CK_CALL(kernels)();
}

#endif
