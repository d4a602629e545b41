// Matrices whose elements take one byte each, with a scale for each row.
//
// N = rows, K = columns.
#ifndef CK_INT8_H
#define CK_INT8_H

#include <stddef.h>
#include <stdint.h>

// elements: (N, K) int8, each row with its scale   scales: (N)   inp: (N, K)
// scale = max |row| / 127, element = the nearest integer to inp / scale, ties to even.  Rows are independent.
void ck_int8_from_float32(int8_t *elements, float *scales, const float *inp, size_t row_begin, size_t row_end,
                          size_t K);

// out: (N, K) = elements · scale.  Rows are independent.
void ck_float32_from_int8(float *out, const int8_t *elements, const float *scales, size_t row_begin, size_t row_end,
                          size_t K);

#endif
