// Activation functions and their slopes.
//
// Every kernel works on [begin, end), and dx may be the same memory as dy or x.
#ifndef CK_ACTIVATION_H
#define CK_ACTIVATION_H

#include <stddef.h>

// Gaussian error linear unit, y = x Φ(x).  Hendrycks & Gimpel 2016, section 2.
void ck_gelu_forward(float *y, const float *x, size_t begin, size_t end);
void ck_gelu_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

// Its approximation, y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, which GPT-2 uses.  Ibid.
void ck_gelu_tanh_forward(float *y, const float *x, size_t begin, size_t end);
void ck_gelu_tanh_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

// Sigmoid linear unit, y = x σ(x).  Elfwing et al. 2017, Eq. 4.
void ck_silu_forward(float *y, const float *x, size_t begin, size_t end);
void ck_silu_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

// Rectified linear unit, y = max(x, 0).
void ck_relu_forward(float *y, const float *x, size_t begin, size_t end);
void ck_relu_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

// Its square, y = max(x, 0)².  So et al. 2021, section 4.
void ck_relu_squared_forward(float *y, const float *x, size_t begin, size_t end);
void ck_relu_squared_backward(float *dx, const float *dy, const float *x, size_t begin, size_t end);

// Gated unit, y = silu(gate) · up.  Shazeer 2020, Eq. 6.
// The backward pass writes both gradients in one pass; dgate or dup may be the same memory as dy.
void ck_swiglu_forward(float *y, const float *gate, const float *up, size_t begin, size_t end);
void ck_swiglu_backward(float *dgate, float *dup, const float *dy, const float *gate, const float *up,
                        size_t begin, size_t end);

#endif
