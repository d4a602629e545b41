#include "ck_norm.h"

#define CK_FILE "ck_norm.c"
#include "ck_variants.h"

#ifdef CK_BODY

// sum = a + b along one row.
CK_INLINE void CK(add_row)(float *sum, const float *a, const float *b, size_t C) {
    CK_EACH(c, 0, C, { vstore(sum + c, vload(a + c, lanes) + vload(b + c, lanes), lanes); });
}

// Root-mean-square normalization.

CK_INLINE float CK(rms_norm_row)(float *y, const float *x, const float *weight, size_t C, float epsilon) {
    float rrms = 1.0f / sqrtf(vrow_dot(x, x, C) / (float)C + epsilon);
    CK_EACH(c, 0, C, { vstore(y + c, vload(x + c, lanes) * rrms * vload(weight + c, lanes), lanes); });
    return rrms;
}

static void CK(rms_norm_forward)(float *y, float *rrms, const float *x, const float *weight,
                                 size_t row_begin, size_t row_end, size_t C, float epsilon) {
    for (size_t r = row_begin; r < row_end; r++)
        rrms[r] = CK(rms_norm_row)(y + r * C, x + r * C, weight, C, epsilon);
}

static void CK(add_rms_norm_forward)(float *sum, float *y, float *rrms, const float *a, const float *b,
                                     const float *weight,
                                     size_t row_begin, size_t row_end, size_t C, float epsilon) {
    for (size_t r = row_begin; r < row_end; r++) {
        CK(add_row)(sum + r * C, a + r * C, b + r * C, C);
        rrms[r] = CK(rms_norm_row)(y + r * C, sum + r * C, weight, C, epsilon);
    }
}

// With x̂ = x · rrms and g = dy · weight:   dx = rrms · (g − x̂ · mean(g · x̂)) + dsum,   dweight += dy · x̂.
static void CK(rms_norm_backward)(float *dx, float *dweight, const float *dy, const float *dsum,
                                  const float *x, const float *weight, const float *rrms,
                                  size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *xr = x + r * C, *dyr = dy + r * C;
        const float scale = rrms[r];
        floats dots = 0;
        CK_EACH(c, 0, C, {
            floats product = vload(dyr + c, lanes) * vload(xr + c, lanes);
            dots = product * vload(weight + c, lanes) + dots;
            if (dweight) vstore(dweight + c, vload(dweight + c, lanes) + product * scale, lanes);
        });
        if (!dx) continue;
        const float projection = vsum(dots) * scale * scale / (float)C;
        CK_EACH(c, 0, C, {
            floats g = vload(dyr + c, lanes) * vload(weight + c, lanes);
            floats d = (g - vload(xr + c, lanes) * projection) * scale;
            if (dsum) d += vload(dsum + r * C + c, lanes);
            vstore(dx + r * C + c, d, lanes);
        });
    }
}

// Layer normalization.

CK_INLINE void CK(layer_norm_row)(float *y, float *mean, float *rstd, const float *x,
                              const float *weight, const float *bias, size_t C, float epsilon) {
    const float m = vrow_sum(x, C) / (float)C;
    const float scale = 1.0f / sqrtf(vrow_squares(x, m, C) / (float)C + epsilon);
    CK_EACH(c, 0, C, {
        floats normalized = (vload(x + c, lanes) - m) * scale;
        vstore(y + c, normalized * vload(weight + c, lanes) + vload(bias + c, lanes), lanes);
    });
    *mean = m;
    *rstd = scale;
}

static void CK(layer_norm_forward)(float *y, float *mean, float *rstd, const float *x,
                                   const float *weight, const float *bias,
                                   size_t row_begin, size_t row_end, size_t C, float epsilon) {
    for (size_t r = row_begin; r < row_end; r++)
        CK(layer_norm_row)(y + r * C, mean + r, rstd + r, x + r * C, weight, bias, C, epsilon);
}

static void CK(add_layer_norm_forward)(float *sum, float *y, float *mean, float *rstd, const float *a, const float *b,
                                       const float *weight, const float *bias,
                                       size_t row_begin, size_t row_end, size_t C, float epsilon) {
    for (size_t r = row_begin; r < row_end; r++) {
        CK(add_row)(sum + r * C, a + r * C, b + r * C, C);
        CK(layer_norm_row)(y + r * C, mean + r, rstd + r, sum + r * C, weight, bias, C, epsilon);
    }
}

// With x̂ = (x − mean) · rstd and g = dy · weight:
// dx = rstd · (g − mean(g) − x̂ · mean(g · x̂)) + dsum,   dweight += dy · x̂,   dbias += dy.
static void CK(layer_norm_backward)(float *dx, float *dweight, float *dbias, const float *dy, const float *dsum,
                                    const float *x, const float *weight, const float *mean, const float *rstd,
                                    size_t row_begin, size_t row_end, size_t C) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *xr = x + r * C, *dyr = dy + r * C;
        const float m = mean[r], scale = rstd[r];
        floats sums = 0, dots = 0;
        CK_EACH(c, 0, C, {
            floats d = vload(dyr + c, lanes);
            floats normalized = (vload(xr + c, lanes) - m) * scale;
            floats g = d * vload(weight + c, lanes);
            sums += g;
            dots = g * normalized + dots;
            if (dweight) {
                vstore(dweight + c, vload(dweight + c, lanes) + d * normalized, lanes);
                vstore(dbias + c, vload(dbias + c, lanes) + d, lanes);
            }
        });
        if (!dx) continue;
        const float average = vsum(sums) / (float)C, projection = vsum(dots) / (float)C;
        CK_EACH(c, 0, C, {
            floats normalized = (vload(xr + c, lanes) - m) * scale;
            floats g = vload(dyr + c, lanes) * vload(weight + c, lanes);
            floats d = (g - average - normalized * projection) * scale;
            if (dsum) d += vload(dsum + r * C + c, lanes);
            vstore(dx + r * C + c, d, lanes);
        });
    }
}

#else

void ck_rms_norm_forward(float *y, float *rrms, const float *x, const float *weight,
                         size_t row_begin, size_t row_end, size_t C, float epsilon) {
    CK_CALL(rms_norm_forward)(y, rrms, x, weight, row_begin, row_end, C, epsilon);
}

void ck_add_rms_norm_forward(float *sum, float *y, float *rrms, const float *a, const float *b, const float *weight,
                             size_t row_begin, size_t row_end, size_t C, float epsilon) {
    CK_CALL(add_rms_norm_forward)(sum, y, rrms, a, b, weight, row_begin, row_end, C, epsilon);
}

void ck_rms_norm_backward(float *dx, float *dweight, const float *dy, const float *dsum,
                          const float *x, const float *weight, const float *rrms,
                          size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(rms_norm_backward)(dx, dweight, dy, dsum, x, weight, rrms, row_begin, row_end, C);
}

void ck_layer_norm_forward(float *y, float *mean, float *rstd, const float *x, const float *weight, const float *bias,
                           size_t row_begin, size_t row_end, size_t C, float epsilon) {
    CK_CALL(layer_norm_forward)(y, mean, rstd, x, weight, bias, row_begin, row_end, C, epsilon);
}

void ck_add_layer_norm_forward(float *sum, float *y, float *mean, float *rstd, const float *a, const float *b,
                               const float *weight, const float *bias,
                               size_t row_begin, size_t row_end, size_t C, float epsilon) {
    CK_CALL(add_layer_norm_forward)(sum, y, mean, rstd, a, b, weight, bias, row_begin, row_end, C, epsilon);
}

void ck_layer_norm_backward(float *dx, float *dweight, float *dbias, const float *dy, const float *dsum,
                            const float *x, const float *weight, const float *mean, const float *rstd,
                            size_t row_begin, size_t row_end, size_t C) {
    CK_CALL(layer_norm_backward)(dx, dweight, dbias, dy, dsum, x, weight, mean, rstd, row_begin, row_end, C);
}

#endif
