#include "ck_int8.h"

#define CK_FILE "ck_int8.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(float32_from_int8)(float *out, const int8_t *elements, const float *scales, size_t row_begin,
                                  size_t row_end, size_t K) {
    for (size_t row = row_begin; row < row_end; row++)
        CK_EACH(k, row * K, (row + 1) * K, { vstore(out + k, vload_bytes(elements + k, lanes) * scales[row], lanes); });
}

#else

void ck_float32_from_int8(float *out, const int8_t *elements, const float *scales, size_t row_begin, size_t row_end,
                          size_t K) {
    CK_CALL(float32_from_int8)(out, elements, scales, row_begin, row_end, K);
}

// Done once for a weight, and the same everywhere.
void ck_int8_from_float32(int8_t *elements, float *scales, const float *inp, size_t row_begin, size_t row_end,
                          size_t K) {
    for (size_t row = row_begin; row < row_end; row++) {
        const float *from = inp + row * K;
        float greatest = 0;
        for (size_t k = 0; k < K; k++) greatest = fmaxf(greatest, fabsf(from[k]));
        float scale = greatest / 127;
        scales[row] = scale;
        for (size_t k = 0; k < K; k++) {
            float nearest = scale > 0 ? nearbyintf(from[k] / scale) : 0;
            // Written so that NaN becomes zero.
            elements[row * K + k] = (int8_t)(nearest > -127 ? (nearest < 127 ? nearest : 127) : nearest <= -127 ? -127 : 0);
        }
    }
}

#endif
