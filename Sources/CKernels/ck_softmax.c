#include "ck_softmax.h"

#define CK_FILE "ck_softmax.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(softmax_forward)(float *y, const float *x, size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *xr = x + r * C;
        float *yr = y + r * C;
        float greatest = vrow_max(xr, C);
        CK_EACH(c, 0, C, { vstore(yr + c, vexp(vload(xr + c, lanes) - greatest), lanes); });
        float scale = 1.0f / vrow_sum(yr, C);
        CK_EACH(c, 0, C, { vstore(yr + c, vload(yr + c, lanes) * scale, lanes); });
    }
}

static void CK(softmax_backward)(float *dx, const float *dy, const float *y,
                                 size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *yr = y + r * C, *dyr = dy + r * C;
        float dot = vrow_dot(dyr, yr, C);
        CK_EACH(c, 0, C, {
            vstore(dx + r * C + c, vload(yr + c, lanes) * (vload(dyr + c, lanes) - dot), lanes);
        });
    }
}

static void CK(log_softmax_forward)(float *y, const float *x, size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *xr = x + r * C;
        float greatest = vrow_max(xr, C);
        floats sum = 0;
        CK_EACH(c, 0, C, { sum += vexp(vload_or(xr + c, lanes, -INFINITY) - greatest); });
        float log_sum = logf(vsum(sum));
        CK_EACH(c, 0, C, { vstore(y + r * C + c, vload(xr + c, lanes) - greatest - log_sum, lanes); });
    }
}

static void CK(log_softmax_backward)(float *dx, const float *dy, const float *y,
                                     size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *yr = y + r * C, *dyr = dy + r * C;
        float sum = vrow_sum(dyr, C);
        CK_EACH(c, 0, C, {
            vstore(dx + r * C + c, vload(dyr + c, lanes) - vexp(vload(yr + c, lanes)) * sum, lanes);
        });
    }
}

#else

void ck_softmax_forward(float *y, const float *x, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(softmax_forward)(y, x, row_begin, row_end, C);
}

void ck_softmax_backward(float *dx, const float *dy, const float *y, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(softmax_backward)(dx, dy, y, row_begin, row_end, C);
}

void ck_log_softmax_forward(float *y, const float *x, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(log_softmax_forward)(y, x, row_begin, row_end, C);
}

void ck_log_softmax_backward(float *dx, const float *dy, const float *y, size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(log_softmax_backward)(dx, dy, y, row_begin, row_end, C);
}

#endif
