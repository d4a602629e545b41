#include "ck_dropout.h"

#define CK_FILE "ck_dropout.c"
#include "ck_variants.h"

#ifdef CK_BODY

#undef words
#define words CK(words)
typedef uint32_t words __attribute__((ext_vector_type(CK_WIDTH)));
typedef uint64_t CK(wide_words) __attribute__((ext_vector_type(CK_WIDTH)));

enum { CK(DRAWS) = 4 * CK_WIDTH };

// Both halves of the product of each lane and a constant.
CK_INLINE void multiply(words *high, words *low, words x, uint32_t constant) {
    CK(wide_words) product = __builtin_convertvector(x, CK(wide_words)) * (uint64_t)constant;
    *high = __builtin_convertvector(product >> 32, words);
    *low = __builtin_convertvector(product, words);
}

// The blocks first, first + 1, … of a stream, one to a lane, written out one after the other.
CK_INLINE void philox_blocks(uint32_t out[CK(DRAWS)], words lane, uint64_t first, uint64_t key, uint64_t stream) {
    words c0 = (uint32_t)first + lane;
    words c1 = (uint32_t)(first >> 32) + ((words)(c0 < lane) & 1);  // a carry out of the low word
    words c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        words high0, low0, high2, low2;
        multiply(&high0, &low0, c0, 0xd2511f53u);
        multiply(&high2, &low2, c2, 0xcd9e8d57u);
        c0 = high2 ^ c1 ^ k0;
        c1 = low2;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    for (int i = 0; i < CK_WIDTH; i++) {
        out[4 * i] = c0[i];
        out[4 * i + 1] = c1[i];
        out[4 * i + 2] = c2[i];
        out[4 * i + 3] = c3[i];
    }
}

CK_INLINE words CK(lane_numbers)(void) {
    words lane = 0;
    for (int i = 0; i < CK_WIDTH; i++) lane[i] = (uint32_t)i;
    return lane;
}

static void CK(dropout)(float *out, const float *x, size_t begin, size_t end,
                        uint64_t key, uint64_t stream, float probability) {
    const words lane = CK(lane_numbers)();
    const uint32_t threshold = (uint32_t)((double)probability * 4294967296.0);
    const float scale = 1.0f / (1.0f - probability);
    for (size_t i = begin; i < end; i += CK(DRAWS)) {
        uint32_t draws[CK(DRAWS)];
        philox_blocks(draws, lane, i / 4, key, stream);
        size_t count = end - i < CK(DRAWS) ? end - i : CK(DRAWS);
        CK_EACH(j, 0, count, {
            words draw;
            memcpy(&draw, draws + j, sizeof draw);
            vstore(out + i + j, vselect(draw >= threshold, vload(x + i + j, lanes) * scale, (floats)0.0f), lanes);
        });
    }
}

static void CK(philox)(uint32_t *out, size_t begin, size_t end, uint64_t key, uint64_t stream) {
    const words lane = CK(lane_numbers)();
    for (size_t i = begin; i < end; i += CK(DRAWS)) {
        uint32_t draws[CK(DRAWS)];
        philox_blocks(draws, lane, i / 4, key, stream);
        memcpy(out + i, draws, (end - i < CK(DRAWS) ? end - i : CK(DRAWS)) * sizeof(uint32_t));
    }
}

#else

void ck_dropout(float *out, const float *x, size_t begin, size_t end,
                uint64_t key, uint64_t stream, float probability) {
    CK_CALL(dropout)(out, x, begin, end, key, stream, probability);
}

void ck_philox(uint32_t *out, size_t begin, size_t end, uint64_t key, uint64_t stream) {
    CK_CALL(philox)(out, begin, end, key, stream);
}

#endif
