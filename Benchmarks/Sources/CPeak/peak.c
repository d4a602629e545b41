#include "peak.h"

// The package under test links OpenBLAS; its header is not needed for two functions.
extern void cblas_sgemm(int order, int transposes_a, int transposes_b, int m, int n, int k, float alpha,
                        const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
extern void openblas_set_num_threads(int threads);

void raw_openblas(float *c, const float *a, const float *b, size_t M, size_t N, size_t K, bool transposes_a,
                  bool transposes_b, int threads) {
    enum { ROW_MAJOR = 101, AS_IS = 111, TRANSPOSED = 112 };
    openblas_set_num_threads(threads);
    cblas_sgemm(ROW_MAJOR, transposes_a ? TRANSPOSED : AS_IS, transposes_b ? TRANSPOSED : AS_IS, (int)M, (int)N,
                (int)K, 1, a, (int)(transposes_a ? M : K), b, (int)(transposes_b ? K : N), 0, c, (int)N);
    openblas_set_num_threads(1);
}

static volatile float sink;

// Twelve sums are enough to hide the latency of a multiply-add, and fit every register file.
enum { SUMS = 12 };

#define PEAK(name, width)                                                          \
    static double name(size_t rounds) {                                            \
        typedef float vector __attribute__((ext_vector_type(width)));              \
        vector sum[SUMS], x = 1.0000001f, y = 1e-9f;                               \
        for (int i = 0; i < SUMS; i++) sum[i] = (float)i;                          \
        for (size_t round = 0; round < rounds; round++) {                          \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < SUMS; i++)      \
                sum[i] = sum[i] * x + y;                                           \
        }                                                                          \
        for (int i = 1; i < SUMS; i++) sum[0] += sum[i];                           \
        sink = sum[0][0] + sum[0][width - 1];                                      \
        return 2.0 * SUMS * width * (double)rounds;                                \
    }

PEAK(peak_float32_4, 4)
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
PEAK(peak_float32_8, 8)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bf16"))), apply_to = function)
PEAK(peak_float32_16, 16)

static double peak_pairs(size_t rounds) {
    __m512 sum[SUMS];
    __m512bh x = (__m512bh)_mm512_set1_epi16(0x3c00), y = (__m512bh)_mm512_set1_epi16(0x3b80);
    for (int i = 0; i < SUMS; i++) sum[i] = _mm512_set1_ps((float)i);
    for (size_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+v"(x), "+v"(y));
        _Pragma("clang loop unroll(full)") for (int i = 0; i < SUMS; i++) sum[i] = _mm512_dpbf16_ps(sum[i], x, y);
    }
    for (int i = 1; i < SUMS; i++) sum[0] = _mm512_add_ps(sum[0], sum[i]);
    sink = _mm512_reduce_add_ps(sum[0]);
    return 4.0 * SUMS * 16 * (double)rounds;
}
#pragma clang attribute pop
#endif

double peak_float32(size_t rounds) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return peak_float32_16(rounds);
    if (__builtin_cpu_supports("fma")) return peak_float32_8(rounds);
#endif
    return peak_float32_4(rounds);
}

double peak_bfloat16(size_t rounds) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bf16")) return peak_pairs(rounds);
#endif
    (void)rounds;
    return 0;
}

float peak_read(const float *elements, size_t count) {
    typedef float vector __attribute__((ext_vector_type(16), aligned(4)));
    vector sums[4] = {0};
    for (size_t i = 0; i + 64 <= count; i += 64)
        for (int k = 0; k < 4; k++) sums[k] += *(const vector *)(elements + i + 16 * k);
    vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    sink = sum[0];
    return sum[0];
}
