// Normalization of each row.
//
// R = rows, C = channels.   All arrays: (R, C), weight, bias: (C), rrms, mean, rstd: (R), kept for the backward pass.
// Rows are independent: callers may split [row_begin, row_end) between threads.  dx may be the same memory as
// dy or dsum.  A backward pass adds to dweight and dbias, which belong to the caller of this row range alone:
// give each fixed range of rows its own and add those up in order.
//
// Before the normalization another array may be added to the input (the residual stream of a transformer):
// `add` forms also write that sum.  Its gradient, where there is one, enters the backward pass as dsum, and
// dx is then the gradient with respect to either addend.
#ifndef CK_NORM_H
#define CK_NORM_H

#include <stddef.h>

// Root-mean-square normalization, y = x / √(mean(x²) + ε) · weight.  Zhang & Sennrich 2019, Eq. 4.
void ck_rms_norm_forward(float *y, float *rrms, const float *x, const float *weight,
                         size_t row_begin, size_t row_end, size_t C, float epsilon);
void ck_add_rms_norm_forward(float *sum, float *y, float *rrms, const float *a, const float *b, const float *weight,
                             size_t row_begin, size_t row_end, size_t C, float epsilon);
/// dx and dweight may be NULL when not wanted; dsum is NULL when there is none.
void ck_rms_norm_backward(float *dx, float *dweight, const float *dy, const float *dsum,
                          const float *x, const float *weight, const float *rrms,
                          size_t row_begin, size_t row_end, size_t C);

// Layer normalization, y = (x − mean(x)) / √(var(x) + ε) · weight + bias.  Ba et al. 2016, Eq. 4.
// The variance is that of the row itself (divided by C).
void ck_layer_norm_forward(float *y, float *mean, float *rstd, const float *x, const float *weight, const float *bias,
                           size_t row_begin, size_t row_end, size_t C, float epsilon);
void ck_add_layer_norm_forward(float *sum, float *y, float *mean, float *rstd, const float *a, const float *b,
                               const float *weight, const float *bias,
                               size_t row_begin, size_t row_end, size_t C, float epsilon);
/// dx, and dweight with dbias, may be NULL when not wanted; dsum is NULL when there is none.
void ck_layer_norm_backward(float *dx, float *dweight, float *dbias, const float *dy, const float *dsum,
                            const float *x, const float *weight, const float *mean, const float *rstd,
                            size_t row_begin, size_t row_end, size_t C);

#endif
