#include "ck_random.h"

#include <math.h>
#include <string.h>

#include "ck_cpu.h"

// The compiler vectorizes the loops over a tile for each variant; without contraction all agree to the last bit.
#pragma clang fp contract(off)

enum { TILE_BLOCKS = 16, TILE = 4 * TILE_BLOCKS };

typedef struct {
    float scale, offset, tail;
} affine;

#define INLINE static inline __attribute__((always_inline))

// The words of `TILE_BLOCKS` consecutive blocks, lane by lane.
INLINE void tile_words(uint32_t out[TILE], ck_random source) {
    uint32_t a[TILE_BLOCKS], b[TILE_BLOCKS], c[TILE_BLOCKS], d[TILE_BLOCKS];
    for (int i = 0; i < TILE_BLOCKS; i++) {
        const uint64_t position = source.position + (uint64_t)i;
        a[i] = (uint32_t)position;
        b[i] = (uint32_t)(position >> 32);
        c[i] = (uint32_t)source.stream;
        d[i] = (uint32_t)(source.stream >> 32);
    }
    uint32_t k = (uint32_t)source.key, l = (uint32_t)(source.key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < TILE_BLOCKS; i++) {
            const uint64_t p = (uint64_t)0xD2511F53u * a[i], q = (uint64_t)0xCD9E8D57u * c[i];
            a[i] = (uint32_t)(q >> 32) ^ b[i] ^ k;
            c[i] = (uint32_t)(p >> 32) ^ d[i] ^ l;
            b[i] = (uint32_t)q;
            d[i] = (uint32_t)p;
        }
        k += 0x9E3779B9u;
        l += 0xBB67AE85u;
    }
    for (int i = 0; i < TILE_BLOCKS; i++) {
        out[4 * i] = a[i];
        out[4 * i + 1] = b[i];
        out[4 * i + 2] = c[i];
        out[4 * i + 3] = d[i];
    }
}

INLINE void tile_uniform(float out[TILE], const uint32_t words[TILE], affine map) {
    for (int i = 0; i < TILE; i++) {
        const float u = (float)(int32_t)(words[i] >> 8) * 0x1p-24f;
        out[i] = map.offset + map.scale * u;
    }
}

// The natural logarithm of a normal number in (0, 1].  x = m 2^e with m in [sqrt(1/2), sqrt(2)), and
// log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172: five odd terms of its series leave less than 1e-9.
INLINE float logarithm(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t exponent = (bits - 0x3F3504F3) >> 23;
    const int32_t mantissa = bits - exponent * (1 << 23);
    float m;
    memcpy(&m, &mantissa, sizeof m);
    const float s = (m - 1.0f) / (m + 1.0f), t = s * s;
    const float series = t * (1.0f / 3 + t * (1.0f / 5 + t * (1.0f / 7 + t * (1.0f / 9))));
    return (float)exponent * 0.693147180559945f + 2.0f * (s + s * series);
}

INLINE void tile_normal(float out[TILE], const uint32_t words[TILE], affine map) {
    for (int i = 0; i < TILE; i++) {
        // The probability beyond this element on its nearer side, from the distance of its word to that side.
        const int32_t word = (int32_t)words[i];
        const int32_t distance = (int32_t)((uint32_t)word ^ (uint32_t)(word >> 31));
        const float beyond = map.tail + (0.5f - map.tail) * (((float)distance + 0.5f) * 0x1p-31f);
        const float q = 0.5f - beyond;
        // Near the middle a rational function of q; in the tail one of the root of the logarithm.
        const float r = 0.180625f - q * q;
        const float middle = q * (((59.109374720f * r + 159.29113202f) * r + 50.434271938f) * r + 3.3871327179f)
            / (((67.187563600f * r + 78.757757664f) * r + 17.895169469f) * r + 1.0f);
        const float w = __builtin_elementwise_sqrt(-logarithm(beyond)) - 1.6f;
        const float far = (((0.17023821103f * w + 1.3067284816f) * w + 2.7568153900f) * w + 1.4234372777f)
            / ((0.12021132975f * w + 0.73700164250f) * w + 1.0f);
        const float magnitude = q <= 0.425f ? middle : far;
        out[i] = map.offset + map.scale * (word < 0 ? magnitude : -magnitude);
    }
}

INLINE void tile_copy(uint32_t out[TILE], const uint32_t words[TILE], affine map) {
    (void)map;
    memcpy(out, words, TILE * sizeof *out);
}

// Whole tiles go straight to `out`; the two ragged ends go through a buffer.
#define DEFINE_FILL(NAME, TYPE, TILE_FUNCTION, SUFFIX, TARGET)                                                 \
    TARGET static void NAME##SUFFIX(TYPE *restrict out, ck_random source, size_t begin, size_t end, affine map) { \
        const uint64_t first = source.position;                                                                \
        for (size_t tile = begin / TILE; tile * TILE < end; tile++) {                                          \
            uint32_t words[TILE];                                                                              \
            source.position = first + tile * TILE_BLOCKS;                                                      \
            tile_words(words, source);                                                                         \
            const size_t low = tile * TILE, high = low + TILE;                                                 \
            if (begin <= low && high <= end) {                                                                 \
                TILE_FUNCTION(out + low, words, map);                                                          \
            } else {                                                                                           \
                TYPE whole[TILE];                                                                              \
                TILE_FUNCTION(whole, words, map);                                                              \
                const size_t from = begin > low ? begin : low, to = end < high ? end : high;                   \
                memcpy(out + from, whole + (from - low), (to - from) * sizeof *out);                           \
            }                                                                                                  \
        }                                                                                                      \
    }

#if defined(__x86_64__)
#define DEFINE_FILLS(NAME, TYPE, TILE_FUNCTION)                                                                \
    DEFINE_FILL(NAME, TYPE, TILE_FUNCTION, _plain, )                                                           \
    DEFINE_FILL(NAME, TYPE, TILE_FUNCTION, _avx2, __attribute__((target("avx2"))))                             \
    DEFINE_FILL(NAME, TYPE, TILE_FUNCTION, _avx512, __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))) \
    INLINE void NAME(TYPE *out, ck_random source, size_t begin, size_t end, affine map) {                      \
        const ck_variant variant = ck_variant_current();                                                       \
        if (variant >= CK_VARIANT_AVX512) NAME##_avx512(out, source, begin, end, map);                         \
        else if (variant >= CK_VARIANT_AVX2) NAME##_avx2(out, source, begin, end, map);                        \
        else NAME##_plain(out, source, begin, end, map);                                                       \
    }
#else
#define DEFINE_FILLS(NAME, TYPE, TILE_FUNCTION) DEFINE_FILL(NAME, TYPE, TILE_FUNCTION, , )
#endif

DEFINE_FILLS(fill_words, uint32_t, tile_copy)
DEFINE_FILLS(fill_uniform, float, tile_uniform)
DEFINE_FILLS(fill_normal, float, tile_normal)

void ck_random_words(uint32_t *restrict out, ck_random source, size_t begin, size_t end) {
    fill_words(out, source, begin, end, (affine){0});
}

void ck_random_uniform(float *restrict out, ck_random source, size_t begin, size_t end, float low, float high) {
    fill_uniform(out, source, begin, end, (affine){.scale = high - low, .offset = low});
}

void ck_random_normal(float *restrict out, ck_random source, size_t begin, size_t end, float mean, float deviation,
                      float tail) {
    fill_normal(out, source, begin, end, (affine){.scale = deviation, .offset = mean, .tail = tail});
}
