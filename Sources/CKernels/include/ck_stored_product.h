// Products with a weight that no longer changes, kept in fewer bytes: what generating text spends its time on.
//
// M = rows of activations, N = outputs = rows of the weight, K = inputs.
// A few rows of activations share each row of the weight while it is in the nearest cache, so the weight is read
// once and the speed is that of memory.
#ifndef CK_STORED_PRODUCT_H
#define CK_STORED_PRODUCT_H

#include "ck_matmul.h"

#include <stdint.h>

// elements: (N, K) int8, each row with its scale   scales: (N)   inp: (N, K)
// scale = max |row| / 127, element = the nearest integer to inp / scale, ties to even.  Rows are independent.
void ck_int8_from_float32(int8_t *elements, float *scales, const float *inp, size_t row_begin, size_t row_end,
                          size_t K);

// out: (N, K) = elements · scale.  Rows are independent.
void ck_float32_from_int8(float *out, const int8_t *elements, const float *scales, size_t row_begin, size_t row_end,
                          size_t K);

/// out = x · weightᵀ · scale + bias.
// out: (M, N)   x: (M, K)   weight: (N, K) as `storage` says   scales: (N), for int8 only   bias: (N) or NULL
// Outputs are independent: callers may split [output_begin, output_end) between threads.  Activations and sums are
// float32; each element of out is summed in the same order whatever M is.
void ck_stored_product(float *out, const float *x, const void *weight, ck_storage storage, const float *scales,
                       const float *bias, size_t output_begin, size_t output_end, size_t M, size_t N, size_t K);

#endif
