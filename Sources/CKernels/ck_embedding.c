#include "ck_embedding.h"

#define CK_FILE "ck_embedding.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(embedding_forward)(float *out, const float *weight, const int32_t *ids,
                                  size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) memcpy(out + r * C, weight + (size_t)ids[r] * C, C * sizeof(float));
}

static void CK(embedding_backward)(float *dweight, const float *dout, const int32_t *ids,
                                   size_t column_begin, size_t column_end, size_t R, size_t C) {
    for (size_t r = 0; r < R; r++) {
        float *row = dweight + (size_t)ids[r] * C;
        CK_EACH(c, column_begin, column_end, {
            vstore(row + c, vload(row + c, lanes) + vload(dout + r * C + c, lanes), lanes);
        });
    }
}

#else

void ck_embedding_forward(float *out, const float *weight, const int32_t *ids,
                          size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(embedding_forward)(out, weight, ids, row_begin, row_end, C);
}

void ck_embedding_backward(float *dweight, const float *dout, const int32_t *ids,
                           size_t column_begin, size_t column_end, size_t R, size_t C) {
    CK_CALL(embedding_backward)(dweight, dout, ids, column_begin, column_end, R, C);
}

#endif
