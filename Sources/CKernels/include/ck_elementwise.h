// Functions applied to each element.
//
// Every kernel works on [begin, end) and its output may be the same memory as an input, so a backward
// pass can overwrite the gradient it receives.  Largest errors are stated in ck_vector.h.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include <stddef.h>

// Arithmetic of two arrays.
void ck_add(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_subtract(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_multiply(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_divide(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_minimum(float *out, const float *a, const float *b, size_t begin, size_t end);  // NaN in either is kept
void ck_maximum(float *out, const float *a, const float *b, size_t begin, size_t end);  // NaN in either is kept

/// out = a · b + c
void ck_multiply_add(float *out, const float *a, const float *b, const float *c, size_t begin, size_t end);

/// out = condition ≠ 0 ? a : b
void ck_select(float *out, const float *condition, const float *a, const float *b, size_t begin, size_t end);

// Comparisons give 1 where they hold and 0 elsewhere.
void ck_less(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_less_or_equal(float *out, const float *a, const float *b, size_t begin, size_t end);
void ck_equal(float *out, const float *a, const float *b, size_t begin, size_t end);

// Arithmetic of an array and a number.
void ck_fill(float *out, size_t begin, size_t end, float s);
void ck_add_scalar(float *out, const float *a, size_t begin, size_t end, float s);
void ck_scale(float *out, const float *a, size_t begin, size_t end, float s);
void ck_divide_scalar(float *out, const float *a, size_t begin, size_t end, float s);  // s / a

/// out = a + s · b
void ck_add_scaled(float *out, const float *a, const float *b, size_t begin, size_t end, float s);
/// out = a + s · (b − a)
void ck_lerp(float *out, const float *a, const float *b, size_t begin, size_t end, float s);

// Functions of one variable; the backward pass receives the output y or the input x, whichever is cheaper.
void ck_exp_forward(float *out, const float *x, size_t begin, size_t end);  // dx = dy · y, ck_multiply
void ck_log_forward(float *out, const float *x, size_t begin, size_t end);  // dx = dy / x, ck_divide

void ck_sqrt_forward(float *out, const float *x, size_t begin, size_t end);
void ck_sqrt_backward(float *dx, const float *dy, const float *y, size_t begin, size_t end);

void ck_tanh_forward(float *out, const float *x, size_t begin, size_t end);
void ck_tanh_backward(float *dx, const float *dy, const float *y, size_t begin, size_t end);

void ck_sigmoid_forward(float *out, const float *x, size_t begin, size_t end);
void ck_sigmoid_backward(float *dx, const float *dy, const float *y, size_t begin, size_t end);

void ck_log_sigmoid_forward(float *out, const float *x, size_t begin, size_t end);
void ck_log_sigmoid_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

void ck_erf_forward(float *out, const float *x, size_t begin, size_t end);
void ck_erf_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

void ck_abs_forward(float *out, const float *x, size_t begin, size_t end);
void ck_abs_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);  // 0 at 0

/// out = min(max(x, low), high); NaN is kept.
void ck_clip_forward(float *out, const float *x, size_t begin, size_t end, float low, float high);
/// The gradient passes where low ≤ x ≤ high.
void ck_clip_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end, float low, float high);

#endif
