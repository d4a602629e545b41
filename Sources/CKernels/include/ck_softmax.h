// Softmax and its logarithm along each row.
//
// R = rows, C = channels.   All arrays: (R, C).
// Rows are independent: callers may split [row_begin, row_end) between threads.  An output may be the same
// memory as an input.
#ifndef CK_SOFTMAX_H
#define CK_SOFTMAX_H

#include <stddef.h>

// y = exp(x − max x) / Σ exp(x − max x)
void ck_softmax_forward(float *y, const float *x, size_t row_begin, size_t row_end, size_t C);
// dx = y · (dy − Σ dy · y)
void ck_softmax_backward(float *dx, const float *dy, const float *y, size_t row_begin, size_t row_end, size_t C);

// y = x − log Σ exp x
void ck_log_softmax_forward(float *y, const float *x, size_t row_begin, size_t row_end, size_t C);
// dx = dy − exp(y) · Σ dy
void ck_log_softmax_backward(float *dx, const float *dy, const float *y, size_t row_begin, size_t row_end, size_t C);

#endif
