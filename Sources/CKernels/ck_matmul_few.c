#include "ck_matmul_few.h"

#include "ck_bfloat16.h"
#include "ck_scratch.h"
#include "ck_threads.h"

#define CK_FILE "ck_matmul_few.c"
#define CK_HAS_PAIRS
#include "ck_variants.h"

#ifdef CK_BODY

#undef UNROLLED
#define UNROLLED _Pragma("clang loop unroll(full)")

// STEP elements along K make a vector of CK_WIDTH units.
#undef STEP
#ifdef CK_PAIRS

#define STEP (2 * CK_WIDTH)

CK_INLINE floats CK(units)(const uint16_t *from, size_t count) {
    floats pairs = 0;
    memcpy(&pairs, from, count * sizeof(uint16_t));
    return pairs;
}

CK_INLINE floats CK(add_products)(floats sum, floats a, floats b) {
    return (floats)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

#else

#define STEP CK_WIDTH

CK_INLINE floats CK(units)(const uint16_t *from, size_t count) {
    return vfloat(__builtin_convertvector(vload_shorts(from, count), ints) << 16);
}

CK_INLINE floats CK(add_products)(floats sum, floats a, floats b) { return a * b + sum; }

#endif

// The rows of `next`, which are read after those of b, are asked for meanwhile.
CK_INLINE void CK(add_step)(floats (*sum)[4], size_t rows, size_t outputs, const uint16_t *a, const uint16_t *b,
                            const uint16_t *next, size_t K, size_t count) {
    floats weights[4];
    UNROLLED for (size_t j = 0; j < outputs; j++) {
        weights[j] = CK(units)(b + j * K, count);
        if (next) __builtin_prefetch(next + j * K, 0, 2);
    }
    UNROLLED for (size_t i = 0; i < rows; i++) {
        floats row = CK(units)(a + i * K, count);
        UNROLLED for (size_t j = 0; j < outputs; j++) sum[i][j] = CK(add_products)(sum[i][j], row, weights[j]);
    }
}

// c (rows, outputs) = or += a (rows, K) · bᵀ (outputs, K): constants where this is called, at most four of each.
CK_INLINE void CK(few_tile)(const ck_product *p, float *c, const float *bias, size_t rows, size_t outputs,
                            const uint16_t *a, const uint16_t *b, const uint16_t *next) {
    const size_t K = p->K;
    floats sum[4][4];
    UNROLLED for (size_t i = 0; i < rows; i++) UNROLLED for (size_t j = 0; j < outputs; j++) sum[i][j] = 0;
    size_t k = 0;
    for (; k + STEP <= K; k += STEP)
        CK(add_step)(sum, rows, outputs, a + k, b + k, next ? next + k : NULL, K, STEP);
    if (k < K) CK(add_step)(sum, rows, outputs, a + k, b + k, NULL, K, K - k);
    UNROLLED for (size_t i = 0; i < rows; i++) {
        UNROLLED for (size_t j = 0; j < outputs; j++) {
            float *to = c + i * p->c_stride + j;
            *to = vsum(sum[i][j]) + (p->accumulate ? *to : 0) + (bias ? bias[j] : 0);
        }
    }
}

// Columns [begin, end) of C, of which b holds the first one's row.
static void CK(few_rows)(const ck_product *p, const uint16_t *a, const uint16_t *b, size_t begin, size_t end) {
    const size_t K = p->K;
    for (size_t j = begin; j < end; b += 4 * K) {
        const size_t outputs = end - j < 4 ? end - j : 4;
        const float *bias = p->bias ? p->bias + j : NULL;
        for (size_t i = 0; i < p->M;) {
            const size_t rows = p->M - i < 4 ? 1 : 4;
            const uint16_t *next = i == 0 && j + 8 <= end ? b + 4 * K : NULL;
            float *c = p->c + i * p->c_stride + j;
            if (outputs == 4 && rows == 4) CK(few_tile)(p, c, bias, 4, 4, a + i * K, b, next);
            else if (outputs == 4) CK(few_tile)(p, c, bias, 1, 4, a + i * K, b, next);
            else
                for (size_t s = 0; s < outputs * rows; s++)
                    CK(few_tile)(p, c + s / outputs * p->c_stride + s % outputs, bias ? bias + s % outputs : NULL, 1, 1,
                                 a + (i + s / outputs) * K, b + s % outputs * K, NULL);
            i += rows;
        }
        j += outputs;
    }
}

#else

enum { FEW = 16, UNITS_PER_TASK = 1 << 16 };

typedef struct {
    const ck_product *product;
    const uint16_t *a;  // (M, K)
    size_t columns_per_task;
} few_rows;

bool ck_matmul_has_few_rows(const ck_product *p) {
    return p->precision == CK_PRECISION_BFLOAT16 && p->M <= FEW && !p->a.is_transposed && p->b.is_transposed
        && (p->b.storage == CK_STORED_FLOAT32 || p->b.stride == p->K);
}

size_t ck_matmul_few_rows_workspace(const ck_product *p) { return sizeof(uint16_t) * p->M * p->K; }

static void multiply_columns(void *context, size_t task) {
    const few_rows *s = context;
    const ck_product *p = s->product;
    size_t begin = task * s->columns_per_task;
    size_t end = begin + s->columns_per_task < p->N ? begin + s->columns_per_task : p->N;
    const uint16_t *b = (const uint16_t *)p->b.elements + begin * p->K;
    if (p->b.storage == CK_STORED_FLOAT32) {
        uint16_t *rounded = ck_scratch_for_product(sizeof(uint16_t) * (end - begin) * p->K);
        for (size_t j = begin; j < end; j++)
            ck_bfloat16_from_float32(rounded + (j - begin) * p->K, (const float *)p->b.elements + j * p->b.stride, 0, p->K);
        b = rounded;
    }
#if defined(__x86_64__)
    if (ck_variant_current() == CK_VARIANT_AVX512_BF16) return ck_avx512bf16_few_rows(p, s->a, b, begin, end);
#endif
    CK_CALL(few_rows)(p, s->a, b, begin, end);
}

void ck_matmul_few_rows(const ck_product *p, void *workspace) {
    uint16_t *a = workspace;
    for (size_t i = 0; i < p->M; i++) {
        const void *row = (const char *)p->a.elements + i * p->a.stride * (p->a.storage == CK_STORED_BFLOAT16 ? 2 : 4);
        if (p->a.storage == CK_STORED_BFLOAT16) memcpy(a + i * p->K, row, p->K * sizeof(uint16_t));
        else ck_bfloat16_from_float32(a + i * p->K, row, 0, p->K);
    }
    few_rows s = {p, a, UNITS_PER_TASK / p->K / 4 * 4};
    if (s.columns_per_task < 4) s.columns_per_task = 4;
    ck_parallel_for((p->N + s.columns_per_task - 1) / s.columns_per_task, multiply_columns, &s);
}

#endif
