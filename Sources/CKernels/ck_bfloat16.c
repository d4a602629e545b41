#include "ck_bfloat16.h"

#include "ck_cpu.h"

#include <string.h>

// Adding 0x7fff, and one more when the bit to keep is odd, carries into the upper half exactly when the lower
// half rounds up.  A NaN's lower half must not carry: it keeps its upper half and becomes quiet.
static inline uint16_t rounded(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    return (uint16_t)(value != value ? (bits >> 16) | 0x40 : nearest);
}

static inline float widened(uint16_t value) {
    uint32_t bits = (uint32_t)value << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

// One source, compiled once for each instruction set: the loops vectorize by themselves.
#define CONVERSIONS(NAME, TARGET)                                                                          \
    TARGET static void from_float32_##NAME(uint16_t *restrict out, const float *restrict inp, size_t n) {  \
        for (size_t i = 0; i < n; i++) out[i] = rounded(inp[i]);                                           \
    }                                                                                                      \
    TARGET static void to_float32_##NAME(float *restrict out, const uint16_t *restrict inp, size_t n) {    \
        for (size_t i = 0; i < n; i++) out[i] = widened(inp[i]);                                           \
    }                                                                                                      \
    TARGET static void round_##NAME(float *restrict out, const float *restrict inp, size_t n) {            \
        for (size_t i = 0; i < n; i++) out[i] = widened(rounded(inp[i]));                                  \
    }

CONVERSIONS(plain, )
#if defined(__x86_64__)
CONVERSIONS(avx2, __attribute__((target("avx2"))))
CONVERSIONS(avx512, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))))
#define DISPATCH(NAME, ...)                                           \
    ck_variant variant = ck_variant_current();                        \
    if (variant >= CK_VARIANT_AVX512) NAME##_avx512(__VA_ARGS__);     \
    else if (variant == CK_VARIANT_AVX2) NAME##_avx2(__VA_ARGS__);    \
    else NAME##_plain(__VA_ARGS__)
#else
#define DISPATCH(NAME, ...) NAME##_plain(__VA_ARGS__)
#endif

void ck_bfloat16_from_float32(uint16_t *out, const float *inp, size_t begin, size_t end) {
    DISPATCH(from_float32, out + begin, inp + begin, end - begin);
}

void ck_float32_from_bfloat16(float *out, const uint16_t *inp, size_t begin, size_t end) {
    DISPATCH(to_float32, out + begin, inp + begin, end - begin);
}

void ck_round_to_bfloat16(float *out, const float *inp, size_t begin, size_t end) {
    DISPATCH(round, out + begin, inp + begin, end - begin);
}
