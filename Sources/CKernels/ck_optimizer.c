#include "ck_optimizer.h"

#define CK_FILE "ck_optimizer.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(adamw)(float *p, float *m, float *v, const float *g, size_t begin, size_t end,
                      const ck_adamw_step *step) {
    const float beta1 = step->beta1, beta2 = step->beta2, epsilon = step->epsilon;
    const float rate = step->rate, decay = step->decay, correction = step->root_correction;
    CK_EACH(i, begin, end, {
        floats gi = vload(g + i, lanes);
        floats mi = vload(m + i, lanes);
        floats vi = vload(v + i, lanes);
        mi = mi + (1.0f - beta1) * (gi - mi);
        vi = beta2 * vi + (1.0f - beta2) * (gi * gi);
        floats pi = decay * vload(p + i, lanes) - rate * mi / (vsqrt(vi) * correction + epsilon);
        vstore(m + i, mi, lanes);
        vstore(v + i, vi, lanes);
        vstore(p + i, pi, lanes);
    });
}

static void CK(sgd)(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float momentum,
                    float coupled, int nesterov) {
    CK_EACH(i, begin, end, {
        floats pi = vload(p + i, lanes);
        floats gi = vload(g + i, lanes) + coupled * pi;
        floats mi = momentum * vload(m + i, lanes) + gi;
        vstore(m + i, mi, lanes);
        vstore(p + i, pi - rate * (nesterov ? gi + momentum * mi : mi), lanes);
    });
}

static void CK(lion)(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float decay,
                     float beta1, float beta2) {
    CK_EACH(i, begin, end, {
        floats gi = vload(g + i, lanes);
        floats mi = vload(m + i, lanes);
        floats c = beta1 * mi + (1.0f - beta1) * gi;
        floats sign = vselect(c > 0.0f, (floats)1.0f, vselect(c < 0.0f, (floats)-1.0f, (floats)0.0f));
        vstore(p + i, decay * vload(p + i, lanes) - rate * sign, lanes);
        vstore(m + i, beta2 * mi + (1.0f - beta2) * gi, lanes);
    });
}

static void CK(muon_momentum)(float *out, float *m, const float *g, size_t begin, size_t end, float beta) {
    CK_EACH(i, begin, end, {
        floats gi = vload(g + i, lanes);
        floats mi = vload(m + i, lanes);
        mi = mi + (1.0f - beta) * (gi - mi);
        vstore(m + i, mi, lanes);
        vstore(out + i, gi + beta * (mi - gi), lanes);
    });
}

static void CK(decay_add)(float *p, const float *u, size_t begin, size_t end, float rate, float decay) {
    CK_EACH(i, begin, end, { vstore(p + i, decay * vload(p + i, lanes) + rate * vload(u + i, lanes), lanes); });
}

static void CK(adafactor_rows)(float *rows, const float *g, size_t row_begin, size_t row_end, size_t C, float share) {
    for (size_t r = row_begin; r < row_end; r++)
        rows[r] += share * ((float)vrow_dot(g + r * C, g + r * C, C) / (float)C - rows[r]);
}

// A block of columns is summed in registers' reach, first row first.
static void CK(adafactor_columns)(float *columns, const float *g, size_t column_begin, size_t column_end, size_t R,
                                  size_t C, float share) {
    CK_EACH(c, column_begin, column_end, {
        floats sum = 0;
        for (size_t r = 0; r < R; r++) {
            floats gi = vload(g + r * C + c, lanes);
            sum += gi * gi;
        }
        floats old = vload(columns + c, lanes);
        vstore(columns + c, old + share * (sum / (float)R - old), lanes);
    });
}

static double CK(adafactor_scale)(float *u, const float *g, const float *rows, const float *columns,
                                  size_t row_begin, size_t row_end, size_t C, float mean, float floor) {
    double squares = 0;
    for (size_t r = row_begin; r < row_end; r++) {
        const float row = rows[r] / mean;
        CK_EACH(c, 0, C, {
            floats estimate = vmax(row * vload(columns + c, lanes), (floats)floor);
            vstore(u + r * C + c, vload(g + r * C + c, lanes) / vsqrt(estimate), lanes);
        });
        squares += vrow_dot(u + r * C, u + r * C, C);
    }
    return squares;
}

static double CK(adafactor_vector)(float *u, float *v, const float *g, size_t begin, size_t end, float share,
                                   float floor) {
    CK_EACH(i, begin, end, {
        floats gi = vload(g + i, lanes);
        floats vi = vload(v + i, lanes);
        vi = vi + share * (gi * gi - vi);
        vstore(v + i, vi, lanes);
        vstore(u + i, gi / vsqrt(vmax(vi, (floats)floor)), lanes);
    });
    return vrow_dot(u + begin, u + begin, end - begin);
}

#else

void ck_adamw(float *p, float *m, float *v, const float *g, size_t begin, size_t end, const ck_adamw_step *step) {
    CK_CALL(adamw)(p, m, v, g, begin, end, step);
}

void ck_sgd(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float momentum, float coupled,
            int nesterov) {
    CK_CALL(sgd)(p, m, g, begin, end, rate, momentum, coupled, nesterov);
}

void ck_lion(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float decay, float beta1,
             float beta2) {
    CK_CALL(lion)(p, m, g, begin, end, rate, decay, beta1, beta2);
}

void ck_muon_momentum(float *out, float *m, const float *g, size_t begin, size_t end, float beta) {
    CK_CALL(muon_momentum)(out, m, g, begin, end, beta);
}

void ck_decay_add(float *p, const float *u, size_t begin, size_t end, float rate, float decay) {
    CK_CALL(decay_add)(p, u, begin, end, rate, decay);
}

void ck_adafactor_rows(float *rows, const float *g, size_t row_begin, size_t row_end, size_t C, float share) {
    CK_CALL(adafactor_rows)(rows, g, row_begin, row_end, C, share);
}

void ck_adafactor_columns(float *columns, const float *g, size_t column_begin, size_t column_end, size_t R, size_t C,
                          float share) {
    CK_CALL(adafactor_columns)(columns, g, column_begin, column_end, R, C, share);
}

double ck_adafactor_scale(float *u, const float *g, const float *rows, const float *columns, size_t row_begin,
                          size_t row_end, size_t C, float mean, float floor) {
    return CK_CALL(adafactor_scale)(u, g, rows, columns, row_begin, row_end, C, mean, floor);
}

double ck_adafactor_vector(float *u, float *v, const float *g, size_t begin, size_t end, float share, float floor) {
    return CK_CALL(adafactor_vector)(u, v, g, begin, end, share, floor);
}

#endif
