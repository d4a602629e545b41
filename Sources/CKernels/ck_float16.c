#include "ck_float16.h"

#define CK_FILE "ck_float16.c"
#include "ck_variants.h"

#ifdef CK_BODY

CK_INLINE shorts narrow(ints bits) { return __builtin_convertvector(bits, shorts); }
CK_INLINE ints widen(shorts x) { return __builtin_convertvector(x, ints); }

// float16 has five bits of exponent, biased by 15 instead of 127, and ten bits of fraction.

static void CK(float16_from_float32)(uint16_t *out, const float *x, size_t begin, size_t end) {
    CK_EACH(i, begin, end, {
        floats value = vload(x + i, lanes);
        ints bits = vbits(value);
        ints magnitude = bits & 0x7fffffff;
        ints normal = (magnitude - (112 << 23) + 0x0fff + ((magnitude >> 13) & 1)) >> 13;
        // One unit of 0.5 is one subnormal of float16: adding rounds to it.
        ints subnormal = vbits(vabs(value) + 0.5f) - 0x3f000000;
        ints half = vselect(magnitude < 0x38800000, subnormal, normal);
        half = vselect(magnitude >= 0x477ff000, (ints)0x7c00, half);
        half = vselect(magnitude > 0x7f800000, 0x7e00 | ((magnitude >> 13) & 0x03ff), half);
        vstore(out + i, narrow(half | ((bits >> 16) & 0x8000)), lanes);
    });
}

static void CK(float32_from_float16)(float *out, const uint16_t *x, size_t begin, size_t end) {
    CK_EACH(i, begin, end, {
        ints half = widen(vload_shorts(x + i, lanes));
        ints magnitude = half & 0x7fff;
        ints normal = (magnitude << 13) + (112 << 23);
        ints special = (magnitude << 13) | 0x7f800000;
        ints subnormal = vbits(__builtin_convertvector(magnitude, floats) * 0x1p-24f);
        ints bits = vselect(magnitude < 0x0400, subnormal, vselect(magnitude >= 0x7c00, special, normal));
        vstore(out + i, vfloat(bits | ((half & 0x8000) << 16)), lanes);
    });
}

#else

void ck_float16_from_float32(uint16_t *out, const float *x, size_t begin, size_t end) {
    CK_CALL(float16_from_float32)(out, x, begin, end);
}

void ck_float32_from_float16(float *out, const uint16_t *x, size_t begin, size_t end) {
    CK_CALL(float32_from_float16)(out, x, begin, end);
}

#endif
