// Vector arithmetic, written once for every width.
//
// Included by ck_variants.h once per variant, never directly.  `floats`, `ints` and `shorts` hold
// CK_WIDTH lanes; the usual operators work on them lane by lane, and `a * b + c` becomes one fused
// operation where the processor has it.  Comparisons give `ints` of all ones or all zeros.
//
// Largest errors, over every float: vexp 1 ulp, vlog 1 ulp, vtanh 1.5 ulp, verf 1.5 ulp, vsigmoid
// 2.5 ulp.  Infinities, NaN, signed zeros and subnormal results are those of libm, except that a sigmoid
// below 2⁻¹²⁷ may be zero.  The coefficients are minimax fits made by Tests/CKernelsTests/Fixtures/vector_math.py.

#include "ck_int4.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#undef floats
#undef ints
#undef shorts
#undef vload
#undef vload_or
#undef vload_shorts
#undef vload_bytes
#undef vload_int4
#undef vint4_scale
#undef vrow_sum
#undef vrow_dot
#undef vrow_squares
#undef vrow_max
#define floats CK(floats)
#define ints CK(ints)
#define shorts CK(shorts)
#define vload CK(vload)
#define vload_or CK(vload_or)
#define vload_shorts CK(vload_shorts)
#define vload_bytes CK(vload_bytes)
#define vload_int4 CK(vload_int4)
#define vint4_scale CK(vint4_scale)
#define vrow_sum CK(vrow_sum)
#define vrow_dot CK(vrow_dot)
#define vrow_squares CK(vrow_squares)
#define vrow_max CK(vrow_max)

typedef float floats __attribute__((ext_vector_type(CK_WIDTH)));
typedef int32_t ints __attribute__((ext_vector_type(CK_WIDTH)));
typedef uint16_t shorts __attribute__((ext_vector_type(CK_WIDTH)));

#define CK_INLINE static inline __attribute__((always_inline, overloadable, unused))

// Memory, of any alignment.  `lanes` ≤ CK_WIDTH says how many elements exist; a load fills the others
// with zero or with `filler`, a store leaves them.  Where `lanes` is CK_WIDTH, both are one instruction.

CK_INLINE floats vload(const float *from, size_t lanes) {
    floats x = 0;
    memcpy(&x, from, lanes * sizeof(float));
    return x;
}

CK_INLINE floats vload_or(const float *from, size_t lanes, float filler) {
    floats x = filler;
    memcpy(&x, from, lanes * sizeof(float));
    return x;
}

CK_INLINE shorts vload_shorts(const uint16_t *from, size_t lanes) {
    shorts x = 0;
    memcpy(&x, from, lanes * sizeof(uint16_t));
    return x;
}

CK_INLINE floats vload_bytes(const int8_t *from, size_t lanes) {
    typedef int8_t bytes __attribute__((ext_vector_type(CK_WIDTH)));
    bytes x = 0;
    memcpy(&x, from, lanes);
    return __builtin_convertvector(x, floats);
}

CK_INLINE void vstore(float *to, floats x, size_t lanes) { memcpy(to, &x, lanes * sizeof(float)); }
CK_INLINE void vstore(uint16_t *to, shorts x, size_t lanes) { memcpy(to, &x, lanes * sizeof(uint16_t)); }

// Runs the statements with `i` at begin, begin + CK_WIDTH, … and `lanes` the number of elements from there:
// the whole width first, as a constant, and what is left of [begin, end) once at the end.
#ifndef CK_EACH
#define CK_EACH(i, begin, end, ...)                                      \
    do {                                                                 \
        size_t i = (begin);                                              \
        for (; i + CK_WIDTH <= (end); i += CK_WIDTH) {                   \
            const size_t lanes = CK_WIDTH;                               \
            __VA_ARGS__                                                  \
        }                                                                \
        if (i < (end)) {                                                 \
            const size_t lanes = (end) - i;                              \
            __VA_ARGS__                                                  \
        }                                                                \
    } while (0)
#endif

// Lanes.

CK_INLINE ints vbits(floats x) {
    ints bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

CK_INLINE floats vfloat(ints bits) {
    floats x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// 2⁻¹¹² times the scale of a group: its float16 where a float32 has its sign, the low end of its exponent and its fraction.
CK_INLINE floats vint4_scale(const ck_int4_block *block, size_t group) {
    int32_t bits = (int16_t)block->scales[group];
    return vfloat((ints)((int32_t)((uint32_t)bits << 13) & (int32_t)0x8fffffff));
}

// Elements [i, i + CK_WIDTH) of a group of a block of ck_int4.h, i a multiple of CK_WIDTH.  Nothing is rounded.
CK_INLINE floats vload_int4(const ck_int4_block *block, size_t group, size_t i) {
    ints quads = __builtin_convertvector(vload_shorts(block->quads + i, CK_WIDTH), ints);
#if CK_WIDTH == 16
    // A table of the 16 numbers of the scale; the lookup takes the lowest four bits.
    const floats steps = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    floats numbers = steps * 0x1p112f * vint4_scale(block, group);
    return (floats)_mm512_permutexvar_ps((__m512i)(quads >> (4 * (int)group)), (__m512)numbers);
#else
    // No product has more than 15 bits.
    floats scale = vint4_scale(block, group) * 0x1p112f;
    return __builtin_convertvector((quads >> (4 * (int)group)) & 15, floats) * scale - 8 * scale;
#endif
}

CK_INLINE ints vselect(ints mask, ints yes, ints no) { return (mask & yes) | (~mask & no); }
CK_INLINE floats vselect(ints mask, floats yes, floats no) {
    return vfloat(vselect(mask, vbits(yes), vbits(no)));
}

// The nearest bfloat16, ties to even; a NaN stays one.
CK_INLINE floats vround_to_bfloat16(floats x) {
    ints bits = vbits(x);
    ints nearest = bits + 0x7fff + ((bits >> 16) & 1);
    return vfloat(vselect(x != x, bits | 0x00400000, nearest) & (int32_t)0xffff0000);
}

CK_INLINE floats vabs(floats x) { return vfloat(vbits(x) & 0x7fffffff); }
CK_INLINE floats vcopysign(floats magnitude, floats sign) {
    return vfloat((vbits(magnitude) & 0x7fffffff) | (vbits(sign) & (int32_t)0x80000000));
}
CK_INLINE floats vsqrt(floats x) { return __builtin_elementwise_sqrt(x); }

// When a lane of `x` is NaN these return that of `y`; swap the arguments to keep it.
CK_INLINE floats vmax(floats x, floats y) { return vselect(x > y, x, y); }
CK_INLINE floats vmin(floats x, floats y) { return vselect(x < y, x, y); }

// Reductions halve the vector, so the order of additions depends on the width alone.

CK_INLINE float vsum(floats x) {
    float lane[CK_WIDTH];
    memcpy(lane, &x, sizeof lane);
    for (int half = CK_WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

CK_INLINE float vgreatest(floats x) {
    float lane[CK_WIDTH];
    memcpy(lane, &x, sizeof lane);
    for (int half = CK_WIDTH / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] = lane[i] > lane[i + half] ? lane[i] : lane[i + half];
    return lane[0];
}

// Functions.

// eˣ = 2ⁿ eʳ with n = round(x / ln 2): gives eʳ, and n in `exponent`.  A NaN gives a NaN.
CK_INLINE floats vexp_fraction(floats x, float least, float greatest, ints *exponent) {
    const float rounder = 0x1.8p23f;  // adding it leaves the nearest integer in the low bits
    floats clamped = vmin((floats)greatest, vmax((floats)least, x));
    floats shifted = clamped * 0x1.715476p+0f + rounder;
    floats n = shifted - rounder;
    floats r = clamped - n * 0x1.62e4p-1f;  // exact: the constant has 16 bits, n has 8
    r = r - n * 0x1.7f7d1cp-20f;
    floats p = r * 0x1.6a2352p-10f + 0x1.123a6cp-7f;
    p = p * r + 0x1.5558f4p-5f;
    p = p * r + 0x1.555490p-3f;
    p = p * r + 0x1.fffffcp-2f;
    *exponent = vbits(shifted) - 0x4b400000;
    return p * (r * r) + r + 1.0f;
}

// The power is multiplied in two halves, so that results below 2⁻¹²⁶ round once, as subnormals.
CK_INLINE floats vexp(floats x) {
    ints n;
    floats fraction = vexp_fraction(x, -104.0f, 89.0f, &n);
    ints half = n >> 1;
    return fraction * vfloat((half + 127) << 23) * vfloat((n - half + 127) << 23);
}

// eˣ where subnormals do not matter: zero below 2⁻¹²⁶·⁵, infinity above 2¹²⁷·⁵.
CK_INLINE floats vexp_normal(floats x) {
    ints n;
    floats fraction = vexp_fraction(x, -88.0f, 89.0f, &n);
    return fraction * vfloat((n + 127) << 23);
}

// log x = e ln 2 + log(1 + f) with 1 + f in [√½, √2).
CK_INLINE floats vlog(floats x) {
    ints subnormal = x < 0x1p-126f;
    floats scaled = vselect(subnormal, x * 0x1p23f, x);
    ints offset = vbits(scaled) - 0x3f3504f3;  // √½
    ints exponent = offset >> 23;
    floats f = vfloat((offset & 0x007fffff) + 0x3f3504f3) - 1.0f;
    floats e = __builtin_convertvector(exponent - (subnormal & 23), floats);
    floats p = f * 0x1.1457a6p-4f - 0x1.de3c12p-4f;
    p = p * f + 0x1.e6f06ap-4f;
    p = p * f - 0x1.fc2208p-4f;
    p = p * f + 0x1.233768p-3f;
    p = p * f - 0x1.555c4ep-3f;
    p = p * f + 0x1.99a4b6p-3f;
    p = p * f - 0x1.000006p-2f;
    p = p * f + 0x1.555548p-2f;
    floats square = f * f;
    floats tail = e * 0x1.7f7d1cp-20f + p * (f * square);
    floats y = e * 0x1.62e4p-1f + (f + (tail - 0.5f * square));
    y = vselect(x == 0.0f, (floats)-INFINITY, y);
    y = vselect(x < 0.0f, (floats)NAN, y);
    return vselect((x != x) | (x == INFINITY), x, y);
}

// log(1 + x) for x in [0, 1]: what rounding 1 + x loses is put back to first order.
CK_INLINE floats vlog1p(floats x) {
    floats sum = 1.0f + x;
    return vlog(sum) + (x - (sum - 1.0f)) / sum;
}

CK_INLINE floats vsigmoid(floats x) { return 1.0f / (1.0f + vexp_normal(-x)); }

// A polynomial near zero, 1 − 2 / (e²ˣ + 1) elsewhere.
CK_INLINE floats vtanh(floats x) {
    floats a = vabs(x);
    floats t = x * x;
    floats p = t * -0x1.75e1cep-8f + 0x1.52269cp-6f;
    p = p * t - 0x1.b83c5ap-5f;
    p = p * t + 0x1.110726p-3f;
    p = p * t - 0x1.555532p-2f;
    floats small = x * (t * p) + x;
    floats large = 1.0f - 2.0f / (vexp_normal(a + a) + 1.0f);
    return vcopysign(vselect(a < 0.625f, small, large), x);
}

// An odd polynomial near zero, 1 − e^−q(|x|) elsewhere.
CK_INLINE floats verf(floats x) {
    floats a = vabs(x);
    floats t = x * x;
    floats p = t * 0x1.651044p-14f - 0x1.aca390p-11f;
    p = p * t + 0x1.550a44p-8f;
    p = p * t - 0x1.b81524p-6f;
    p = p * t + 0x1.ce2e54p-4f;
    p = p * t - 0x1.812744p-2f;
    p = p * t + 0x1.06eba8p-3f;
    floats small = x * p + x;
    floats b = vmin(a, (floats)4.0f);
    floats q = b * -0x1.9fb24cp-13f + 0x1.91ccbep-9f;
    q = q * b - 0x1.6d9cc4p-6f;
    q = q * b + 0x1.aa7318p-4f;
    q = q * b + 0x1.4621bcp-1f;
    q = q * b + 0x1.20b752p+0f;
    q = q * b + 0x1.5d11aep-13f;
    floats large = vcopysign(1.0f - vexp_normal(-q), x);
    return vselect(x != x, x, vselect(a < 0.9f, small, large));
}

// Rows.  Four running sums hide the latency of addition; they are joined in a fixed order.

CK_INLINE float vrow_sum(const float *x, size_t n) {
    floats sums[4] = {0};
    size_t i = 0;
    for (; i + 4 * CK_WIDTH <= n; i += 4 * CK_WIDTH)
        for (int k = 0; k < 4; k++) sums[k] += vload(x + i + k * CK_WIDTH, CK_WIDTH);
    CK_EACH(j, i, n, { sums[0] += vload(x + j, lanes); });
    return vsum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

CK_INLINE float vrow_dot(const float *x, const float *y, size_t n) {
    floats sums[4] = {0};
    size_t i = 0;
    for (; i + 4 * CK_WIDTH <= n; i += 4 * CK_WIDTH)
        for (int k = 0; k < 4; k++)
            sums[k] = vload(x + i + k * CK_WIDTH, CK_WIDTH) * vload(y + i + k * CK_WIDTH, CK_WIDTH) + sums[k];
    CK_EACH(j, i, n, { sums[0] = vload(x + j, lanes) * vload(y + j, lanes) + sums[0]; });
    return vsum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Σ (x − center)².
CK_INLINE float vrow_squares(const float *x, float center, size_t n) {
    floats sums[4] = {0};
    size_t i = 0;
    for (; i + 4 * CK_WIDTH <= n; i += 4 * CK_WIDTH)
        for (int k = 0; k < 4; k++) {
            floats d = vload(x + i + k * CK_WIDTH, CK_WIDTH) - center;
            sums[k] = d * d + sums[k];
        }
    CK_EACH(j, i, n, {
        floats d = vload_or(x + j, lanes, center) - center;
        sums[0] = d * d + sums[0];
    });
    return vsum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

CK_INLINE float vrow_max(const float *x, size_t n) {
    floats greatest = -INFINITY;
    CK_EACH(i, 0, n, { greatest = vmax(vload_or(x + i, lanes, -INFINITY), greatest); });
    return vgreatest(greatest);
}
