#include "ck_peak.h"

#define CK_FILE "ck_peak.c"
#define CK_HAS_PAIRS
#include "ck_variants.h"

#ifdef CK_BODY

// Twelve sums are enough to hide the latency of a multiply-add, and fit every register file.
#ifndef CK_SUMS
#define CK_SUMS 12
#endif

// The empty assembly keeps the compiler from working the loop out beforehand, and costs no instruction.
#ifdef CK_PAIRS

static double CK(peak)(size_t rounds) {
    __m512 sum[CK_SUMS];
    __m512bh x = (__m512bh)_mm512_set1_epi16(0x3c00), y = (__m512bh)_mm512_set1_epi16(0x3b80);
    for (int i = 0; i < CK_SUMS; i++) sum[i] = _mm512_set1_ps((float)i);
    for (size_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+v"(x), "+v"(y));
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < CK_SUMS; i++) sum[i] = _mm512_dpbf16_ps(sum[i], x, y);
    }
    for (int i = 0; i < CK_SUMS; i++) __asm__ volatile("" : : "v"(sum[i]));
    return 4.0 * CK_SUMS * CK_WIDTH * (double)rounds;
}

#else

static double CK(peak)(size_t rounds) {
    floats sum[CK_SUMS], x = 1.0000001f, y = 1e-9f;
    for (int i = 0; i < CK_SUMS; i++) sum[i] = (float)i;
    for (size_t round = 0; round < rounds; round++) {
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < CK_SUMS; i++) sum[i] = sum[i] * x + y;
    }
    volatile float sink = 0;
    for (int i = 0; i < CK_SUMS; i++) sink = sum[i][0] + sum[i][CK_WIDTH - 1];
    (void)sink;
    return 2.0 * CK_SUMS * CK_WIDTH * (double)rounds;
}

#endif

#else

double ck_peak_float32(size_t rounds) { return CK_CALL(peak)(rounds); }

double ck_peak_bfloat16(size_t rounds) {
#if defined(__x86_64__)
    if (ck_variant_current() == CK_VARIANT_AVX512_BF16) return ck_avx512bf16_peak(rounds);
#endif
    (void)rounds;
    return 0;
}

#endif
