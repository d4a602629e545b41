// The instructions of AVX-512 that kernels name, computed by others, so that their variants run where a processor lacks them.
// Read before every kernel, whose targets are replaced: the compiler then divides vectors of 16 lanes among two registers.
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define HONE_EMULATED static inline __attribute__((unused))

typedef uint16_t emulated_shorts __attribute__((ext_vector_type(32)));
typedef uint16_t emulated_half __attribute__((ext_vector_type(16)));
typedef uint32_t emulated_words __attribute__((ext_vector_type(16)));
typedef float emulated_floats __attribute__((ext_vector_type(16)));

#define EMULATED_BITS(type, x)                       \
    ({                                               \
        __typeof__(x) emulated_from = (x);           \
        type emulated_to;                            \
        memcpy(&emulated_to, &emulated_from, sizeof emulated_to); \
        emulated_to;                                 \
    })

// Ties to even; subnormal numbers become zero, as in the instruction.
HONE_EMULATED uint16_t emulated_bfloat16(float value) {
    uint32_t bits = EMULATED_BITS(uint32_t, value);
    if (value != value) return (uint16_t)(bits >> 16 | 0x40);
    if ((bits & 0x7f800000) == 0) return (uint16_t)(bits >> 16 & 0x8000);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

HONE_EMULATED emulated_half emulated_cvtneps(emulated_floats x) {
    emulated_half result;
    for (int i = 0; i < 16; i++) result[i] = emulated_bfloat16(x[i]);
    return result;
}

HONE_EMULATED emulated_shorts emulated_cvtne2ps(emulated_floats high, emulated_floats low) {
    emulated_shorts result;
    for (int i = 0; i < 16; i++) result[i] = emulated_bfloat16(low[i]), result[16 + i] = emulated_bfloat16(high[i]);
    return result;
}

HONE_EMULATED float emulated_flushed(float x) {
    return (EMULATED_BITS(uint32_t, x) & 0x7f800000) == 0 ? __builtin_copysignf(0, x) : x;
}

// The odd elements' product is added before that of the even ones; subnormal numbers are zero.
HONE_EMULATED emulated_floats emulated_dpbf16(emulated_floats sum, emulated_words a, emulated_words b) {
    for (int i = 0; i < 16; i++) {
        for (int half = 1; half >= 0; half--) {
            uint32_t x = half ? a[i] & 0xffff0000 : a[i] << 16, y = half ? b[i] & 0xffff0000 : b[i] << 16;
            float product = emulated_flushed(EMULATED_BITS(float, x)) * emulated_flushed(EMULATED_BITS(float, y));
            sum[i] = emulated_flushed(emulated_flushed(sum[i]) + emulated_flushed(product));
        }
    }
    return sum;
}

HONE_EMULATED emulated_shorts emulated_loadu_epi16(uint32_t mask, const uint16_t *from) {
    emulated_shorts result = 0;
    for (int i = 0; i < 32; i++)
        if (mask >> i & 1) result[i] = from[i];
    return result;
}

HONE_EMULATED emulated_shorts emulated_permute_shorts(emulated_shorts places, emulated_shorts table) {
    emulated_shorts result;
    for (int i = 0; i < 32; i++) result[i] = table[places[i] & 31];
    return result;
}

HONE_EMULATED emulated_floats emulated_permute_floats(emulated_words places, emulated_floats table) {
    emulated_floats result;
    for (int i = 0; i < 16; i++) result[i] = table[places[i] & 15];
    return result;
}

#define _mm512_cvtneps_pbh(x) emulated_cvtneps(EMULATED_BITS(emulated_floats, x))
#define _mm512_cvtne2ps_pbh(x, y) emulated_cvtne2ps(EMULATED_BITS(emulated_floats, x), EMULATED_BITS(emulated_floats, y))
#define _mm512_dpbf16_ps(sum, a, b) \
    EMULATED_BITS(__m512, emulated_dpbf16(EMULATED_BITS(emulated_floats, sum), EMULATED_BITS(emulated_words, a), EMULATED_BITS(emulated_words, b)))
#define _mm512_maskz_loadu_epi16(mask, from) EMULATED_BITS(__m512i, emulated_loadu_epi16(mask, from))
#define _mm512_permutexvar_epi16(places, table) \
    EMULATED_BITS(__m512i, emulated_permute_shorts(EMULATED_BITS(emulated_shorts, places), EMULATED_BITS(emulated_shorts, table)))
#define _mm512_permutexvar_ps(places, table) \
    EMULATED_BITS(__m512, emulated_permute_floats(EMULATED_BITS(emulated_words, places), EMULATED_BITS(emulated_floats, table)))
#define _mm512_srli_epi16(x, count) EMULATED_BITS(__m512i, EMULATED_BITS(emulated_shorts, x) >> (count))
#define _mm512_loadu_si512(from) EMULATED_BITS(__m512i, *(const emulated_shorts_anywhere *)(from))
#undef _mm512_setr_ps
#define _mm512_setr_ps(...) EMULATED_BITS(__m512, ((emulated_floats){__VA_ARGS__}))
#define _mm512_set1_ps(x) EMULATED_BITS(__m512, (emulated_floats)(x))
#define _mm512_set1_epi16(x) EMULATED_BITS(__m512i, (emulated_shorts)(x))
typedef emulated_shorts emulated_shorts_anywhere __attribute__((aligned(2), may_alias));

// All that is left of them to ask for.
#define __builtin_cpu_supports(name) 1
