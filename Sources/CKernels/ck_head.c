#include "ck_head.h"

#define CK_FILE "ck_head.c"
#include "ck_variants.h"

#ifdef CK_BODY

static void CK(head_scores)(float *scores, ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    const float cap = scale.soft_cap, inverse_temperature = 1.0f / scale.temperature;
    if (cap > 0) {
        const float inverse_cap = 1.0f / cap, factor = cap * inverse_temperature;
        CK_EACH(i, row_begin * V, row_end * V, {
            vstore(scores + i, factor * vtanh(vload(scores + i, lanes) * inverse_cap), lanes);
        });
    } else if (scale.temperature != 1.0f) {
        CK_EACH(i, row_begin * V, row_end * V, {
            vstore(scores + i, vload(scores + i, lanes) * inverse_temperature, lanes);
        });
    }
}

// Σ eᵈ for the distances d = score − greatest of a row, and Σ eᵈ d if it is wanted: there d ≥ −200, where eᵈ is zero,
// so that it is finite.  Computing takes longer than reading, so the next row is fetched meanwhile.
CK_INLINE float CK(head_sums)(float *product, const float *row, float greatest, size_t V, bool wants_product) {
    enum { CHAINS = 2, LINE = 16 };  // sums that do not wait for one another; floats of a cache line
    floats sums[CHAINS] = {0}, products[CHAINS] = {0};
    size_t v = 0;
    for (; v + CHAINS * CK_WIDTH <= V; v += CHAINS * CK_WIDTH) {
        for (int k = 0; k < CHAINS * CK_WIDTH; k += LINE) __builtin_prefetch(row + V + v + k);
        for (int k = 0; k < CHAINS; k++) {
            floats below = vload(row + v + k * CK_WIDTH, CK_WIDTH) - greatest;
            if (wants_product) below = vmax((floats)-200.0f, below);
            floats e = vexp_normal(below);
            sums[k] += e;
            if (wants_product) products[k] = e * below + products[k];
        }
    }
    CK_EACH(w, v, V, {
        floats below = vload_or(row + w, lanes, -INFINITY) - greatest;
        if (wants_product) below = vmax((floats)-200.0f, below);
        floats e = vexp_normal(below);
        sums[0] += e;
        if (wants_product) products[0] = e * below + products[0];
    });
    if (wants_product) *product = vsum(products[0] + products[1]);
    return vsum(sums[0] + sums[1]);
}

static void CK(head_forward)(float *log_sum, float *entropy, float *target_score, float *hit, const float *scores,
                             ck_head_targets targets, size_t row_begin, size_t row_end, size_t V) {
    for (size_t r = row_begin; r < row_end; r++) {
        const float *row = scores + r * V;
        const float greatest = vrow_max(row, V);
        float product = 0;
        const float sum = entropy ? CK(head_sums)(&product, row, greatest, V, true)
                                  : CK(head_sums)(&product, row, greatest, V, false);
        log_sum[r] = greatest + logf(sum);
        if (entropy) entropy[r] = logf(sum) - product / sum;
        for (size_t i = targets.target_begin[r]; i < targets.target_begin[r + 1]; i++) {
            const size_t token = (size_t)targets.token[i];
            target_score[i] = row[token];
            size_t first = row[token] == greatest ? 0 : V;
            while (first < token && row[first] != greatest) first++;
            hit[i] = first == token;
        }
    }
}

// The derivative of a score with respect to its logit.
CK_INLINE floats CK(head_slope)(floats score, ck_head_scale scale) {
    floats bend = score * (scale.temperature / scale.soft_cap);
    return (1.0f - bend * bend) * (1.0f / scale.temperature);
}

static void CK(head_backward)(float *dlogits, const float *dsum, const float *dproduct, const float *dtarget,
                              const float *log_sum, const float *target_score, ck_head_targets targets,
                              ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    const bool capped = scale.soft_cap > 0;
    const float inverse_temperature = 1.0f / scale.temperature;
    for (size_t r = row_begin; r < row_end; r++) {
        float *row = dlogits + r * V;
        const float a = dsum[r], b = dproduct ? dproduct[r] : 0;
        CK_EACH(v, 0, V, {
            floats score = vload(row + v, lanes);
            floats log_p = score - log_sum[r];
            floats d = vexp_normal(log_p) * (b * log_p + a);
            d *= capped ? CK(head_slope)(score, scale) : (floats)inverse_temperature;
            vstore(row + v, d, lanes);
        });
        for (size_t i = targets.target_begin[r]; i < targets.target_begin[r + 1]; i++) {
            float slope = capped ? CK(head_slope)((floats)target_score[i], scale)[0] : inverse_temperature;
            row[targets.token[i]] += dtarget[i] * slope;
        }
    }
}

// log of (1 − beta) p + beta q, of the logarithms of p and q.
CK_INLINE floats CK(head_log_mixture)(floats log_p, floats log_q, float log_beta, float log_rest) {
    floats a = log_p + log_rest, b = log_q + log_beta;
    return vmax(a, b) + vlog1p(vexp_normal(-vabs(a - b)));
}

// p and q are compared with each other for beta 0 and 1, and else with their mixture.
#ifndef CK_FORWARD_KL
#define CK_FORWARD_KL 0
#define CK_REVERSE_KL 1
#define CK_JENSEN_SHANNON 2
#endif

CK_INLINE floats CK(head_log_middle)(floats log_p, floats log_q, float log_beta, float log_rest, int kind) {
    return kind == CK_FORWARD_KL   ? log_p
           : kind == CK_REVERSE_KL ? log_q
                                   : CK(head_log_mixture)(log_p, log_q, log_beta, log_rest);
}

CK_INLINE void CK(head_divergence_rows)(float *scores, float *divergence, const float *teacher, const float *weight,
                                        const float *log_sum, const float *teacher_log_sum, float beta, int kind,
                                        ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    const float log_beta = logf(beta), log_rest = log1pf(-beta), far = -1e30f;
    const bool capped = scale.soft_cap > 0;
    for (size_t r = row_begin; r < row_end; r++) {
        float *row = scores + r * V;
        const float *other = teacher + r * V;
        floats own = 0, others = 0;  // Σ p log(p / m), Σ q log(q / m)
        CK_EACH(v, 0, V, {
            floats log_p = vload_or(row + v, lanes, far) - log_sum[r];
            floats log_q = vload_or(other + v, lanes, far) - teacher_log_sum[r];
            floats log_m = CK(head_log_middle)(log_p, log_q, log_beta, log_rest, kind);
            own = vexp_normal(log_p) * (log_p - log_m) + own;
            others = vexp_normal(log_q) * (log_q - log_m) + others;
        });
        const float of_student = vsum(own), of_teacher = vsum(others);
        divergence[r] = beta == 0   ? of_teacher
                        : beta == 1 ? of_student
                                    : beta * of_teacher + (1 - beta) * of_student;
        if (!weight) continue;
        const float factor = kind == CK_JENSEN_SHANNON ? weight[r] * (1 - beta) : weight[r];
        CK_EACH(v, 0, V, {
            floats score = vload(row + v, lanes);
            floats log_p = score - log_sum[r], log_q = vload(other + v, lanes) - teacher_log_sum[r];
            floats p = vexp_normal(log_p);
            floats log_m = CK(head_log_middle)(log_p, log_q, log_beta, log_rest, kind);
            floats d = kind == CK_FORWARD_KL ? p - vexp_normal(log_q) : p * (log_p - log_m - of_student);
            d *= factor * (capped ? CK(head_slope)(score, scale) : (floats)(1.0f / scale.temperature));
            vstore(row + v, d, lanes);
        });
    }
}

static void CK(head_divergence)(float *scores, float *divergence, const float *teacher, const float *weight,
                                const float *log_sum, const float *teacher_log_sum, float beta,
                                ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    if (beta == 0)
        CK(head_divergence_rows)(scores, divergence, teacher, weight, log_sum, teacher_log_sum, beta,
                                 CK_FORWARD_KL, scale, row_begin, row_end, V);
    else if (beta == 1)
        CK(head_divergence_rows)(scores, divergence, teacher, weight, log_sum, teacher_log_sum, beta,
                                 CK_REVERSE_KL, scale, row_begin, row_end, V);
    else
        CK(head_divergence_rows)(scores, divergence, teacher, weight, log_sum, teacher_log_sum, beta,
                                 CK_JENSEN_SHANNON, scale, row_begin, row_end, V);
}

#else

void ck_head_scores(float *scores, ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    CK_CALL(head_scores)(scores, scale, row_begin, row_end, V);
}

void ck_head_forward(float *log_sum, float *entropy, float *target_score, float *hit, const float *scores,
                     ck_head_targets targets, size_t row_begin, size_t row_end, size_t V) {
    CK_CALL(head_forward)(log_sum, entropy, target_score, hit, scores, targets, row_begin, row_end, V);
}

void ck_head_backward(float *dlogits, const float *dsum, const float *dproduct, const float *dtarget,
                      const float *log_sum, const float *target_score, ck_head_targets targets,
                      ck_head_scale scale, size_t row_begin, size_t row_end, size_t V) {
    CK_CALL(head_backward)(dlogits, dsum, dproduct, dtarget, log_sum, target_score, targets, scale,
                           row_begin, row_end, V);
}

void ck_head_divergence(float *scores, float *divergence, const float *teacher, const float *weight,
                        const float *log_sum, const float *teacher_log_sum, float beta, ck_head_scale scale,
                        size_t row_begin, size_t row_end, size_t V) {
    CK_CALL(head_divergence)(scores, divergence, teacher, weight, log_sum, teacher_log_sum, beta, scale,
                             row_begin, row_end, V);
}

#endif
