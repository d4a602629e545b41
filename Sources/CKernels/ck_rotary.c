#include "ck_rotary.h"

#define CK_FILE "ck_rotary.c"
#include "ck_variants.h"

#ifdef CK_BODY

#include "ck_shuffle.h"

// sign is that of the angle.
static void CK(rotate_halves)(float *out, const float *inp, const float *cosines, size_t P, float sign) {
    CK_EACH(i, 0, P, {
        floats x = vload(inp + i, lanes), y = vload(inp + P + i, lanes);
        floats c = vload(cosines + i, lanes), s = sign * vload(cosines + P + i, lanes);
        vstore(out + i, x * c - y * s, lanes);
        vstore(out + P + i, y * c + x * s, lanes);
    });
}

static void CK(rotate_neighbors)(float *out, const float *inp, const float *cosines, size_t P, float sign) {
    size_t i = 0;
    for (; i + CK_WIDTH <= P; i += CK_WIDTH) {
        floats first = vload(inp + 2 * i, CK_WIDTH), last = vload(inp + 2 * i + CK_WIDTH, CK_WIDTH);
        floats x = vevens(first, last), y = vodds(first, last);
        floats c = vload(cosines + i, CK_WIDTH), s = sign * vload(cosines + P + i, CK_WIDTH);
        floats u = x * c - y * s, v = y * c + x * s;
        vstore(out + 2 * i, vfirst_pairs(u, v), CK_WIDTH);
        vstore(out + 2 * i + CK_WIDTH, vlast_pairs(u, v), CK_WIDTH);
    }
    for (; i < P; i++) {
        float x = inp[2 * i], y = inp[2 * i + 1], c = cosines[i], s = sign * cosines[P + i];
        out[2 * i] = x * c - y * s;
        out[2 * i + 1] = y * c + x * s;
    }
}

static void CK(rotate)(float *out, const float *inp, const float *table, const int32_t *positions,
                       size_t row_begin, size_t row_end, size_t H, size_t D, size_t P, bool adjacent, float sign) {
    for (size_t row = row_begin; row < row_end; row++) {
        const float *cosines = table + (size_t)positions[row] * 2 * P;
        for (size_t at = row * H * D; at < (row + 1) * H * D; at += D) {
            if (adjacent)
                CK(rotate_neighbors)(out + at, inp + at, cosines, P, sign);
            else
                CK(rotate_halves)(out + at, inp + at, cosines, P, sign);
            if (2 * P < D && out != inp) memcpy(out + at + 2 * P, inp + at + 2 * P, (D - 2 * P) * sizeof(float));
        }
    }
}

#else

void ck_rotary_table(float *table, const float *frequencies, size_t begin, size_t end, size_t P, double magnitude) {
    for (size_t position = begin; position < end; position++) {
        float *row = table + position * 2 * P;
        for (size_t i = 0; i < P; i++) {
            double angle = (double)position * frequencies[i];
            row[i] = (float)(magnitude * cos(angle));
            row[P + i] = (float)(magnitude * sin(angle));
        }
    }
}

void ck_rotary_forward(float *out, const float *inp, const float *table, const int32_t *positions,
                       size_t row_begin, size_t row_end, size_t H, size_t D, size_t P, bool adjacent) {
    CK_CALL(rotate)(out, inp, table, positions, row_begin, row_end, H, D, P, adjacent, 1);
}

void ck_rotary_backward(float *dinp, const float *dout, const float *table, const int32_t *positions,
                        size_t row_begin, size_t row_end, size_t H, size_t D, size_t P, bool adjacent) {
    CK_CALL(rotate)(dinp, dout, table, positions, row_begin, row_end, H, D, P, adjacent, -1);
}

#endif
