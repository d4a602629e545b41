// float16: IEEE binary16, five bits of exponent and eleven of precision, kept as its bits.
#ifndef CK_FLOAT16_H
#define CK_FLOAT16_H

#include <stddef.h>
#include <stdint.h>

// Elements are independent: callers may split [begin, end) between threads.

/// out[i] = x[i] rounded to float16, ties to even; what is too large becomes infinite, a NaN stays a (quiet) NaN.
void ck_float16_from_float32(uint16_t *out, const float *x, size_t begin, size_t end);

/// out[i] = x[i], exactly.
void ck_float32_from_float16(float *out, const uint16_t *x, size_t begin, size_t end);

#endif
