#include "ck_int4.h"

#include "ck_float16.h"

#define CK_FILE "ck_int4.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(float32_from_int4)(float *out, const ck_int4_block *blocks, size_t row_begin, size_t row_end, size_t K) {
    const size_t blocks_of_row = ck_int4_blocks(K);
    for (size_t row = row_begin; row < row_end; row++) {
        const ck_int4_block *of_row = blocks + row * blocks_of_row;
        for (size_t group = 0; group * CK_INT4_GROUP < K; group++) {
            const size_t begin = group * CK_INT4_GROUP, end = begin + CK_INT4_GROUP < K ? begin + CK_INT4_GROUP : K;
            CK_EACH(k, begin, end, {
                vstore(out + row * K + k, vload_int4(of_row + group / CK_INT4_GROUPS, group % CK_INT4_GROUPS, k - begin), lanes);
            });
        }
    }
}

#else

void ck_float32_from_int4(float *out, const ck_int4_block *blocks, size_t row_begin, size_t row_end, size_t K) {
    CK_CALL(float32_from_int4)(out, blocks, row_begin, row_end, K);
}

// What follows is done once for a weight, and is the same everywhere.

// The 16 numbers of a scale are −8 … 7 times it.  Written so that a NaN becomes zero.
static float nearest_on(float scale, float x) {
    float nearest = scale != 0 ? nearbyintf(x / scale) : 0;
    return nearest > -8 ? (nearest < 7 ? nearest : 7) : nearest <= -8 ? -8 : 0;
}

static float squared_error(float scale, const float *x, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        float error = nearest_on(scale, x[i]) * scale - x[i];
        sum += error == error ? error * error : 0;
    }
    return sum;
}

// The scale on which x[i], of the greatest magnitude, would be `steps`, as float16 can hold it.
static float scale_with(float greatest, float steps, uint16_t *half) {
    const float largest = 65504;
    float scale = greatest / steps;
    scale = scale > largest ? largest : scale < -largest ? -largest : scale;
    ck_float16_from_float32(half, &scale, 0, 1);
    ck_float32_from_float16(&scale, half, 0, 1);
    return scale;
}

// The first candidate is kept unless another is better, so numbers that are already on a scale stay as they are.
static float best_scale(const float *x, size_t count, uint16_t *half) {
    static const float steps[] = {-8, -8.5, -7.5, -9, -7, -9.5, -10};
    float greatest = 0, best = 0, least = 0;
    for (size_t i = 0; i < count; i++)
        if (fabsf(x[i]) > fabsf(greatest)) greatest = x[i];
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        uint16_t candidate;
        float scale = scale_with(greatest, steps[s], &candidate);
        float error = squared_error(scale, x, count);
        if (s == 0 || error < least) least = error, best = scale, *half = candidate;
        if (least == 0) break;
    }
    return best;
}

void ck_int4_from_float32(ck_int4_block *blocks, const float *inp, size_t row_begin, size_t row_end, size_t K) {
    const size_t blocks_of_row = ck_int4_blocks(K);
    for (size_t row = row_begin; row < row_end; row++) {
        ck_int4_block *of_row = blocks + row * blocks_of_row;
        for (size_t b = 0; b < blocks_of_row; b++) {
            of_row[b] = (ck_int4_block){0};
            for (size_t i = 0; i < CK_INT4_GROUP; i++) of_row[b].quads[i] = 0x8888;
        }
        for (size_t k = 0; k < K; k += CK_INT4_GROUP) {
            const float *x = inp + row * K + k;
            const size_t count = K - k < CK_INT4_GROUP ? K - k : CK_INT4_GROUP, group = k / CK_INT4_GROUP % CK_INT4_GROUPS;
            ck_int4_block *block = of_row + k / CK_INT4_BLOCK;
            float scale = best_scale(x, count, &block->scales[group]);
            for (size_t i = 0; i < count; i++) {
                // Eight becomes the number instead of itself.
                const unsigned number = (unsigned)(nearest_on(scale, x[i]) + 8);
                block->quads[i] ^= (uint16_t)((number ^ 8) << 4 * group);
            }
        }
    }
}

#endif
