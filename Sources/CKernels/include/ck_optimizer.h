// Optimizer updates, each in one pass over memory.
//
// p = parameter, g = gradient, and whatever state the method keeps; all of one length.  Elements are independent:
// callers may split [begin, end) between threads.  Everything but g is updated in place.
// rate = learning rate, decay = 1 - rate * weight decay, which scales the parameter first (decoupled decay).
#ifndef CK_OPTIMIZER_H
#define CK_OPTIMIZER_H

#include <stddef.h>

/// What AdamW does the same to every element of a step.
typedef struct {
    float rate;             // learning rate divided by 1 - beta1^t
    float decay;            // 1 - learning rate * weight decay
    float beta1, beta2;
    float root_correction;  // 1 / sqrt(1 - beta2^t)
    float epsilon;
} ck_adamw_step;

// AdamW.  Loshchilov & Hutter 2019, Algorithm 2.
// m, v: running means of g and g^2.    p = decay p - rate m / (sqrt(v) root_correction + epsilon)
void ck_adamw(float *p, float *m, float *v, const float *g, size_t begin, size_t end, const ck_adamw_step *step);

// Stochastic gradient descent with momentum, as PyTorch defines it; g' = g + coupled * p.
// m = momentum m + g'    p = p - rate (g' + momentum m if nesterov, else m)
void ck_sgd(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float momentum, float coupled,
            int nesterov);

// Lion.  Chen et al. 2023, Algorithm 2.
// p = decay p - rate sign(beta1 m + (1 - beta1) g)    m = beta2 m + (1 - beta2) g
void ck_lion(float *p, float *m, const float *g, size_t begin, size_t end, float rate, float decay, float beta1,
             float beta2);

// Momentum of Muon.  Jordan et al. 2024.
// m = m + (1 - beta)(g - m)    out = g + beta (m - g), Nesterov's look-ahead
void ck_muon_momentum(float *out, float *m, const float *g, size_t begin, size_t end, float beta);

// p = decay p + rate u
void ck_decay_add(float *p, const float *u, size_t begin, size_t end, float rate, float decay);

// Adafactor's factored second moment.  Shazeer & Stern 2018, Algorithm 4.   g: (R, C)
// rows[r] += share (mean of g^2 over the row - rows[r])
void ck_adafactor_rows(float *rows, const float *g, size_t row_begin, size_t row_end, size_t C, float share);
// columns[c] += share (mean of g^2 over the column - columns[c]), for columns [column_begin, column_end)
void ck_adafactor_columns(float *columns, const float *g, size_t column_begin, size_t column_end, size_t R, size_t C,
                          float share);
// u = g / sqrt(max(rows columns / mean, floor)); sum of squares of u over the rows is returned
double ck_adafactor_scale(float *u, const float *g, const float *rows, const float *columns, size_t row_begin,
                          size_t row_end, size_t C, float mean, float floor);
// The same without factors: v += share (g^2 - v), u = g / sqrt(max(v, floor))
double ck_adafactor_vector(float *u, float *v, const float *g, size_t begin, size_t end, float share, float floor);

#endif
