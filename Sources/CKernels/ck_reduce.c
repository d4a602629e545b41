#include "ck_reduce.h"

#define CK_FILE "ck_reduce.c"
#include "ck_variants.h"

#ifdef CK_BODY

// Elements summed in single precision before double takes over.
#ifndef CK_BLOCK
#define CK_BLOCK 1024
#endif

static double CK(sum)(const float *x, size_t begin, size_t end) {
    double sum = 0;
    for (size_t i = begin; i < end; i += CK_BLOCK) sum += vrow_sum(x + i, end - i < CK_BLOCK ? end - i : CK_BLOCK);
    return sum;
}

static double CK(sum_squares)(const float *x, size_t begin, size_t end) {
    double sum = 0;
    for (size_t i = begin; i < end; i += CK_BLOCK)
        sum += vrow_dot(x + i, x + i, end - i < CK_BLOCK ? end - i : CK_BLOCK);
    return sum;
}

static void CK(row_sums)(float *out, const float *x, size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) out[r] = vrow_sum(x + r * C, C);
}

static void CK(column_sums)(float *out, const float *x, size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++)
        CK_EACH(c, 0, C, { vstore(out + c, vload(out + c, lanes) + vload(x + r * C + c, lanes), lanes); });
}

static void CK(row_maxima)(float *out, int32_t *index, const float *x, size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *xr = x + r * C;
        out[r] = vrow_max(xr, C);
        size_t c = 0;
        while (c < C && xr[c] != out[r]) c++;
        index[r] = c < C ? (int32_t)c : 0;
    }
}

#else

double ck_sum(const float *x, size_t begin, size_t end) { return CK_CALL(sum)(x, begin, end); }
double ck_sum_squares(const float *x, size_t begin, size_t end) { return CK_CALL(sum_squares)(x, begin, end); }

void ck_row_sums(float *out, const float *x, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(row_sums)(out, x, row_begin, row_end, C);
}

void ck_column_sums(float *out, const float *x, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(column_sums)(out, x, row_begin, row_end, C);
}

void ck_row_maxima(float *out, int32_t *index, const float *x, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(row_maxima)(out, index, x, row_begin, row_end, C);
}

#endif
